# make demo   the service against its own simulator: works without internet
# make run    the service against the real venues
# make test   builds with the sanitizers and passes the tests
# make check  formatting, layering, co_await
# make tidy   clang-tidy (slow)
# Presets: dev, asan, tsan, release; for example `make test PRESET=dev`.

PRESET ?= asan
JOBS ?= $(shell nproc)
PYTHON ?= python3

.PHONY: demo run test check tidy format setup build clean

demo: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS="kurs kurs-sim"
	@$(PYTHON) tools/demo.py --build build/release

run: setup
	@$(MAKE) --no-print-directory build PRESET=release TARGETS=kurs
	@$(PYTHON) tools/demo.py --build build/release --real

test: setup check build
	ctest --preset $(PRESET) --no-tests=error

check: setup
	$(PYTHON) tools/check_sources.py

tidy: setup build
	$(PYTHON) tools/run_tidy.py build/$(PRESET)

format: setup
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

setup:
	@tools/install-packages

build: setup
	@cmake --preset $(PRESET) >build-$(PRESET).log 2>&1 || { cat build-$(PRESET).log; exit 1; }
	@rm -f build-$(PRESET).log
	cmake --build build/$(PRESET) --parallel $(JOBS) $(if $(TARGETS),--target $(TARGETS))

clean:
	rm -rf build
