# make demo   the service against its own simulator: works without internet
# make run    the service against the real venues
# make test   builds with the sanitizers and passes the tests
# make check  formatting, the module graph, co_await
# make model  explores the rules of replicas further than `make test` does: minutes
# make race   passes the tests of what has threads, with the thread sanitizer
# make clients   clients of others read the simulated venues
# make lighthouse   Lighthouse and axe on the pages of a release build
# make pictures   the page in every width, scheme and language, into build/pictures
# make fuzz   fuzzes what others send for SECONDS a target (docs/testing.md)
# make coverage   which lines and branches of the pure modules the unit tests run (docs/testing.md)
# make mutate   small changes of the pure modules that the unit tests must notice (docs/testing.md); MUTATE_ARGS="--count 20"
# make tidy   clang-tidy
# make env, stack, stack-demo, stack-down   the whole stack in containers (docs/deploying.md)
# make e2e    drills on a stack of its own in containers: killed, frozen, cut off (docs/deploying.md)
# make load, load-outage, charts            load on the demo stack
# make upgrade FROM=REF   replaces replicas of a commit by this build, one at a time, under clients (docs/operating.md)
# make sbom    what the image contains, as CycloneDX (docs/deploying.md)
# make truth   the evidence of docs/truth.md
# make bench   what a request, a frame and a change cost, beside other servers: docs/performance.md; BENCH_ARGS="--only http"
# make bench-guard   the instructions of a request, a frame and a change against the recorded ones (docs/performance.md)
# make faults  each fault alone, in pairs and in triples, as root: docs/faults.md; FAULTS_ARGS="--only okx_stream"
# make soak    an hour of faults: nothing grows, no value is wrong (docs/operating.md); SOAK_ARGS="--minutes 10 --seed 1"
# Presets: dev, asan, tsan, fuzz, release; for example `make test PRESET=dev`.

PRESET ?= asan
JOBS ?= $(shell nproc)
# Most tests wait most of the time; which take several places, tests/CMakeLists.txt says.
TESTS ?= 6
# More arguments of ctest in `make test`.
CTEST_ARGS ?=
# More arguments of cmake where a preset is configured.
CMAKE_ARGS ?=
# How long `make fuzz` runs each target, and the seed of its random numbers; 0: another one in each run.
SECONDS ?= 60
SEED ?= 0
# Debian's own, which has Debian's packages.
PYTHON ?= /usr/bin/python3

# Of `make model`: slots, faults, and the first slots in which they may begin.
MODEL ?= 8 1 2

.PHONY: demo run test race check clients tidy format setup setup-test build clean env stack stack-demo stack-down e2e load load-outage charts truth sbom soak lighthouse pictures fuzz model coverage mutate bench bench-guard faults upgrade

demo: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	@$(PYTHON) tools/demo.py --build build/release

run: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	@$(PYTHON) tools/demo.py --build build/release --real

test: setup setup-test check build
	ctest --preset $(PRESET) --no-tests=error --parallel $(TESTS) $(CTEST_ARGS)

race: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=tsan TARGETS=kurs_threaded_tests
	ctest --preset tsan --no-tests=error --label-regex threads

fuzz: setup
	@$(MAKE) --no-print-directory build PRESET=fuzz TARGETS=kurs_fuzz
	$(PYTHON) -B tests/fuzz/run.py --build build/fuzz --seconds $(SECONDS) --seed $(SEED)

coverage: setup
	@tools/install-packages packages.txt packages-quality.txt
	@$(MAKE) --no-print-directory build PRESET=coverage TARGETS=kurs_unit_tests
	$(PYTHON) -B tools/coverage.py --build build/coverage --write

mutate: setup
	@tools/install-packages packages.txt packages-quality.txt
	$(PYTHON) -B tools/mutate.py --write $(MUTATE_ARGS)

check: setup
	$(PYTHON) -B tools/check_sources.py --self-test
	$(PYTHON) -B tools/check_sources.py
	$(PYTHON) -B -m unittest discover -s locust

model: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs_boardlog_model_tests
	KURS_MODEL="$(MODEL)" build/release/tests/kurs_boardlog_model_tests --gtest_filter=*Environment

clients: setup setup-test
	$(PYTHON) -B tests/clients/run.py

lighthouse: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	KURS_BUILD=build/release $(PYTHON) -B tests/web/run.py lighthouse.test.mjs

pictures: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	KURS_BUILD=build/release KURS_SCREENSHOTS=build/pictures $(PYTHON) -B tests/web/run.py pictures.test.mjs

tidy: setup
	@cmake --preset release >build-release.log 2>&1 || { cat build-release.log; exit 1; }
	@rm -f build-release.log
	$(PYTHON) tools/run_tidy.py build/release

format: setup
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

setup:
	@tools/install-packages

setup-test:
	@tools/install-packages packages.txt packages-test.txt
	@tests/npm/install
	@tests/npm/install tests/clients

build: setup
	@cmake --preset $(PRESET) $(CMAKE_ARGS) >build-$(PRESET).log 2>&1 || { cat build-$(PRESET).log; exit 1; }
	@rm -f build-$(PRESET).log
	cmake --build build/$(PRESET) --parallel $(JOBS) $(if $(TARGETS),--target $(TARGETS))

sbom:
	@$(PYTHON) -B tools/image_sbom.py

clean:
	rm -rf build

env:
	@docker/make-env

stack: env
	docker compose up --build -d --wait

stack-demo: env
	docker compose --profile demo up --build -d --wait

stack-down:
	docker compose --profile '*' down

e2e:
	$(PYTHON) -B -m unittest discover -v -s tests/e2e

load: stack-demo
	mkdir -p locust/report
	LOAD_USER=$$(id -u):$$(id -g) docker compose --profile demo --profile load run --rm --no-deps locust

load-outage: stack-demo
	$(PYTHON) locust/outage.py

charts:
	tools/render-report locust/report/healthy.html locust/report/outage.html

truth: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	$(PYTHON) -B tools/truth.py --build build/release

soak: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	$(PYTHON) -B tools/soak.py --build build/release $(SOAK_ARGS)

upgrade: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	JOBS=$(JOBS) $(PYTHON) -B tests/upgrade/run.py --from $(FROM) --build build/release $(UPGRADE_ARGS)

bench: setup setup-test
	@tools/install-packages packages-bench.txt
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs_bench
	$(PYTHON) -B tools/bench.py --build build/release $(BENCH_ARGS)

bench-guard: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS="kurs pipeline"
	$(PYTHON) -B tools/count_instructions.py --build build/release --check

FAULTS_ARGS ?= --write
faults: setup setup-test
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	$(PYTHON) -B tools/faults.py --build build/release $(FAULTS_ARGS)
