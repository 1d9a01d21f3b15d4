<?php

declare(strict_types=1);

/**
 * A client of Kurs for PHP 8.1 or newer: one file without dependencies, to be copied.
 *
 *     $kurs = new Kurs('http://127.0.0.1:8080', maxAge: 5);
 *     $rate = $kurs->rate('BTC-USD');
 *     $payout = bcmul($amount, $rate->bid, 2);
 *
 * Prices are exact decimals in strings. rate() throws unless the rate is fresh by this clock, whatever the service or a cache
 * answers. bcmul() is of the extension bcmath.
 * PHP's setting allow_url_fopen has to be on, which is its default.
 */
final class Kurs
{
    private const LONGEST_SILENCE = 25; // seconds; the service sends a heartbeat after ten
    private const LONGEST_LINE = 1_000_000;
    private const FIRST_WAIT = 1_500_000; // microseconds before connecting again; doubled with each failure
    private const LONGEST_WAIT = 15_000_000;

    /**
     * @param string|null $exchanger the one to use; null: the active one
     * @param float|null $maxAge seconds, tightens the service's limits
     * @param float $timeout seconds for an answer
     * @param float $clockTolerance an answer whose as_of differs from this clock by more seconds is refused
     * @param string|null $key the API key, if the service asks for one
     */
    public function __construct(
        private string $url,
        private ?string $exchanger = null,
        private ?float $maxAge = null,
        private float $timeout = 3.0,
        private float $clockTolerance = 5.0,
        private ?string $key = null,
    ) {
        $this->url = rtrim($url, '/');
    }

    /** The fresh rate of a direction such as "BTC-USD". Throws a RateError if there is none. */
    public function rate(string $direction): Rate
    {
        $context = $this->context('application/json', $this->timeout);
        $body = @file_get_contents($this->path('/api/v2/courses', [$direction]), false, $context, 0, self::LONGEST_LINE);
        if ($body === false) {
            throw new RateError('failed', 'no answer', $direction);
        }
        $answer = json_decode($body, true);
        $courses = $answer['courses'] ?? [];
        foreach (is_array($courses) ? $courses : [] as $course) {
            if ($course['direction'] !== strtoupper($direction)) {
                continue;
            }
            $rate = $this->read($course, $answer);
            if ($rate->value === null) {
                throw new RateError($rate->state, (string) $rate->reason, $direction);
            }
            return $rate;
        }
        throw new RateError('failed', $answer['detail'] ?? 'unexpected answer', $direction);
    }

    /**
     * Yields each rate when it changes, for ever. A rate that is not fresh has no prices. Retries every failure, unreported, and resumes.
     * While nothing arrives, PHP waits: check Rate::isFresh() before each use of a rate.
     *
     * @param string[] $directions
     * @return Generator<Rate>
     */
    public function follow(array $directions): Generator
    {
        $lastId = '';
        for ($wait = self::FIRST_WAIT;; $wait = min(2 * $wait, self::LONGEST_WAIT)) {
            foreach ($this->messages($directions, $lastId) as [$id, $message]) {
                $wait = self::FIRST_WAIT;
                $lastId = $id ?? $lastId;
                foreach ($message['courses'] ?? [] as $course) {
                    yield $this->read($course, $message);
                }
            }
            usleep($wait);
        }
    }

    /** The messages of one connection, until it ends or falls silent. */
    private function messages(array $directions, string $lastId): Generator
    {
        $resume = $lastId === '' ? '' : "\r\nLast-Event-ID: $lastId";
        $context = $this->context("text/event-stream$resume", self::LONGEST_SILENCE);
        $stream = @fopen($this->path('/api/v2/stream', $directions), 'r', false, $context);
        if ($stream === false) {
            return;
        }
        stream_set_timeout($stream, self::LONGEST_SILENCE);
        [$id, $message] = [null, null];
        while (($line = fgets($stream, self::LONGEST_LINE)) !== false) {
            $line = rtrim($line, "\r\n");
            if (str_starts_with($line, 'id:')) {
                $id = ltrim(substr($line, 3));
            } elseif (str_starts_with($line, 'data:')) {
                $message = json_decode(substr($line, 5), true);
            } elseif ($line === '') {
                if (is_array($message)) {
                    yield [$id, $message];
                }
                [$id, $message] = [null, null];
            }
        }
        fclose($stream);
    }

    private function path(string $path, array $directions): string
    {
        $query = ['direction' => implode(',', $directions)];
        if ($this->exchanger !== null) {
            $query['exchanger'] = $this->exchanger;
        }
        return $this->url . $path . '?' . http_build_query($query);
    }

    /** @return resource */
    private function context(string $accept, float $timeout)
    {
        $authorization = $this->key === null ? '' : "\r\nAuthorization: Bearer $this->key";
        return stream_context_create(['http' => [
            'header' => "Accept: $accept\r\nCache-Control: no-cache$authorization",
            'timeout' => $timeout,
            'ignore_errors' => true,  // a 503 says why
            'protocol_version' => 1.1,
            'follow_location' => 0,  // the key is for this service alone
        ]]);
    }

    private function read(array $course, array $answer): Rate
    {
        $rate = new Rate(
            $course['direction'], $answer['exchanger'], $course['state'], $course['reason'], $course['bid'], $course['value'],
            $course['ask'], self::seconds($course['observed_at']), self::seconds($course['fresh_until']));
        if ($rate->state !== 'fresh') {
            return $rate->refused($rate->state, $rate->reason);
        }
        $madeAt = self::seconds($answer['as_of']);
        if ($madeAt === null || abs(microtime(true) - $madeAt) > $this->clockTolerance) {
            return $rate->refused('old', "the answer is dated {$answer['as_of']}: it is cached, or a clock is wrong");
        }
        if ($this->maxAge !== null) {
            $rate->freshUntil = min($rate->freshUntil, $rate->observedAt + $this->maxAge);
        }
        if ($madeAt >= $rate->freshUntil || !$rate->isFresh()) {
            return $rate->refused('stale', "observed at {$course['observed_at']}, expired by this clock");
        }
        return $rate;
    }

    private static function seconds(?string $time): ?float
    {
        $read = $time === null ? false : DateTimeImmutable::createFromFormat('Y-m-d\TH:i:s.vp', $time);
        return $read === false ? null : (float) $read->format('U.v');
    }
}

/** Prices are null unless the rate was fresh when it arrived. Times are seconds since 1970. */
final class Rate
{
    public function __construct(
        public string $direction,
        public ?string $exchanger,
        public string $state,
        public ?string $reason,
        public ?string $bid,
        public ?string $value,
        public ?string $ask,
        public ?float $observedAt,
        public ?float $freshUntil,
    ) {
    }

    /** Whether it may be used now. */
    public function isFresh(): bool
    {
        return $this->value !== null && $this->freshUntil !== null && microtime(true) < $this->freshUntil;
    }

    public function refused(string $state, ?string $reason): self
    {
        $rate = clone $this;
        [$rate->state, $rate->reason, $rate->bid, $rate->value, $rate->ask] = [$state, $reason, null, null, null];
        return $rate;
    }
}

/**
 * There is no fresh rate. `state` is one of version 2 (stale, disputed, unavailable), "old" if the answer was made too long
 * ago, or "failed" if there was no usable answer.
 */
final class RateError extends RuntimeException
{
    public function __construct(public string $state, public string $reason, public string $direction)
    {
        parent::__construct("$direction: $reason");
    }
}
