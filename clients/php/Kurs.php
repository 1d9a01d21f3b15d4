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
 *
 *     $locked = $kurs->lockQuote('BTC-RUB', 'sell', '0.05', ttl: 60);
 *
 * The signature of a quote is verified before its body is parsed, with PHP's bundled extension sodium. Whether it still holds is
 * decided by the service's clock alone: this clock is not used.
 * PHP's setting allow_url_fopen has to be on, which is its default.
 */
final class Kurs
{
    private const LONGEST_SILENCE = 25; // seconds; the service sends a heartbeat after ten
    private const LONGEST_LINE = 1_000_000;
    private const FIRST_WAIT = 1_500_000; // microseconds before connecting again; doubled with each failure
    private const LONGEST_WAIT = 15_000_000;
    private const RETRY_WAIT = 1_000_000; // microseconds before the second and last attempt at a quote
    private const KEYS_AGE = 300; // seconds that a JWK set is kept unless its Cache-Control says otherwise
    private const LONGEST_KEYS_AGE = 3_600;
    private const KEYS_COOLDOWN = 30; // seconds between two downloads of the JWK set, even if signatures name unknown keys

    private ?array $keys = null; // the JWK set, with fetched_at and max_age

    /**
     * @param string|null $exchanger the one to use; null: the active one
     * @param float|null $maxAge seconds, tightens the service's limits
     * @param float $timeout seconds for an answer
     * @param float $clockTolerance an answer whose as_of differs from this clock by more seconds is refused
     * @param string|null $key the API key, if the service asks for one
     * @param string|null $keysFile keeps the service's JWK set between PHP's requests; only the shop may be able to write to it
     */
    public function __construct(
        private string $url,
        private ?string $exchanger = null,
        private ?float $maxAge = null,
        private float $timeout = 3.0,
        private float $clockTolerance = 5.0,
        private ?string $key = null,
        private ?string $keysFile = null,
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

    /**
     * Locks a quote. Throws a QuoteError if there is none.
     *
     * @param string $side "sell" if the customer gives $amount of the first asset, "buy" if the customer gets it
     * @param int $ttl seconds
     * @param array|null $export an item of an export, as in the API
     * @param string|null $idempotencyKey the same one returns the same quote again, which may have expired; null: a new one
     */
    public function lockQuote(
        string $direction,
        string $side,
        string $amount,
        int $ttl,
        ?array $export = null,
        ?string $idempotencyKey = null,
    ): LockedQuote {
        $idempotencyKey ??= bin2hex(random_bytes(16));
        if (!preg_match('/^[!#-[\]-~]{1,64}$/D', $idempotencyKey)) {
            throw new ValueError('idempotencyKey: 1 to 64 printable ASCII characters without blanks, quotes and backslashes');
        }
        $order = ['direction' => $direction, 'side' => $side, 'amount' => $amount, 'ttl' => $ttl];
        // An export has an exchanger of its own.
        $order += array_filter($export === null ? ['exchanger' => $this->exchanger] : ['export' => $export]);
        $accept = "application/json\r\nContent-Type: application/json\r\nIdempotency-Key: \"$idempotencyKey\"";
        try {
            $post = ['method' => 'POST', 'content' => json_encode($order, JSON_THROW_ON_ERROR)];
            $locked = $this->quote('/api/v2/quotes', $accept, $post);
            $asked = [strtoupper($direction), $side, (float) $amount, (float) $ttl, self::nameOf($export)];
            if (self::askedOf($locked->quote) !== $asked) {
                throw new QuoteError('unverified', 'the answer is the quote of another request');
            }
            return $locked;
        } catch (QuoteError $error) {
            $error->idempotencyKey = $idempotencyKey;
            throw $error;
        }
    }

    /** Reads a quote that was locked, perhaps long ago. Throws a QuoteError if there is none. */
    public function readQuote(string $id): LockedQuote
    {
        $read = $this->quote('/api/v2/quotes/' . rawurlencode($id), 'application/json');
        if ($read->quote['id'] !== $id) {
            throw new QuoteError('unverified', 'the answer is another quote');
        }
        return $read;
    }

    /**
     * Verifies a quote offline, and returns it parsed. Throws a QuoteError whose state is "unverified".
     *
     * @param string $body the bytes exactly as received
     * @param string $signature the header Kurs-Signature
     * @param array $jwks the JWK set of /.well-known/jwks.json, parsed
     */
    public static function verifyQuote(string $body, string $signature, array $jwks): array
    {
        [$kid, $signed, $proof] = self::readSignature($signature);
        $keys = self::keysOf($jwks, $kid);
        if (count($keys) !== 1) {
            throw new QuoteError('unverified', count($keys) . " keys have the kid $kid");
        }
        $key = $keys[0] + ['use' => 'sig', 'alg' => 'EdDSA', 'kty' => null, 'crv' => null, 'x' => null];
        $point = self::fromBase64($key['x']);
        $kind = [$key['kty'], $key['crv'], $key['use'], $key['alg'], strlen($point)];
        if ($kind !== ['OKP', 'Ed25519', 'sig', 'EdDSA', SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES]) {
            throw new QuoteError('unverified', "the key $kid is not an Ed25519 key for signatures");
        }
        if (!sodium_crypto_sign_verify_detached($proof, $signed . $body, $point)) {
            throw new QuoteError('unverified', 'the signature is not of these bytes');
        }
        return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    }

    /**
     * The parts of a detached JWS whose payload is not encoded (RFC 7797): the kid, what is signed before the payload, and the
     * bytes of the signature. The header cannot choose another algorithm.
     *
     * @return array{string, string, string}
     */
    private static function readSignature(string $signature): array
    {
        [$encoded, $between, $rest] = explode('.', $signature) + ['', '', ''];
        $header = json_decode(self::fromBase64($encoded), true);
        $proof = self::fromBase64($rest);
        if (substr_count($signature, '.') !== 2 || $between !== '' || !is_array($header)
            || strlen($proof) !== SODIUM_CRYPTO_SIGN_BYTES) {
            throw new QuoteError('unverified', 'the signature is missing or malformed');
        }
        $kind = [$header['alg'] ?? null, $header['b64'] ?? null, $header['crit'] ?? null];
        if ($kind !== ['EdDSA', false, ['b64']] || !is_string($header['kid'] ?? null)) {
            throw new QuoteError('unverified', 'the signature is of another kind');
        }
        return [$header['kid'], "$encoded.", $proof];
    }

    private static function keysOf(array $jwks, string $kid): array
    {
        $keys = is_array($jwks['keys'] ?? null) ? $jwks['keys'] : [];
        return array_values(array_filter($keys, fn ($key) => is_array($key) && ($key['kid'] ?? null) === $kid));
    }

    /** The bytes of base64url without padding; none if it is malformed. */
    private static function fromBase64(mixed $text): string
    {
        try {
            return is_string($text) ? sodium_base642bin($text, SODIUM_BASE64_VARIANT_URLSAFE_NO_PADDING) : '';
        } catch (SodiumException) {
            return '';
        }
    }

    /** What the request of a quote asked for: direction, side, amount, seconds and item of an export. */
    private static function askedOf(array $quote): array
    {
        $amount = (float) ($quote['side'] === 'sell' ? $quote['give'] : $quote['get'])['amount'];
        $held = round(self::seconds($quote['expires_at']) - self::seconds($quote['locked_at']), 3);
        return [$quote['direction'], $quote['side'], $amount, $held, self::nameOf($quote['export'] ?? null)];
    }

    /** The name of an item of an export, for comparison. */
    private static function nameOf(?array $item): ?array
    {
        return $item ? [$item['name'] ?? null, $item['from'] ?? null, $item['to'] ?? null, ($item['city'] ?? '') ?: null] : null;
    }

    private function quote(string $path, string $accept, array $post = []): LockedQuote
    {
        [$headers, $body] = $this->ask($path, $accept, $post);
        $signature = $headers['kurs-signature'] ?? '';
        [$kid] = self::readSignature($signature);
        $jwks = $this->jwks();
        if (self::keysOf($jwks, $kid) === []) {
            $jwks = $this->jwks(self::KEYS_COOLDOWN);
        }
        $quote = self::verifyQuote($body, $signature, $jwks);
        [$now, $expiresAt] = [self::seconds($headers['kurs-time'] ?? null), self::seconds($quote['expires_at'])];
        if ($now === null || $expiresAt === null) {
            throw new QuoteError('failed', 'the answer has no Kurs-Time');
        }
        return new LockedQuote($quote, round($expiresAt - $now, 3), $body, $signature, $jwks);
    }

    /** The JWK set. It is fetched again if it is older than its cache age or than $age seconds. */
    private function jwks(int $age = self::LONGEST_KEYS_AGE): array
    {
        if ($this->keys === null && $this->keysFile !== null && is_file($this->keysFile)) {
            $kept = json_decode((string) file_get_contents($this->keysFile), true);
            $this->keys = isset($kept['fetched_at'], $kept['max_age'], $kept['jwks']) ? $kept : null;
        }
        $passed = $this->keys === null ? null : time() - $this->keys['fetched_at'];
        if ($passed !== null && $passed >= 0 && $passed < min($age, $this->keys['max_age'])) {
            return $this->keys['jwks'];
        }
        try {
            [$headers, $body] = $this->ask('/.well-known/jwks.json', 'application/jwk-set+json');
        } catch (QuoteError $error) {
            throw new QuoteError('failed', "no JWK set ($error->reason)", $error->status);
        }
        $jwks = json_decode($body, true);
        if (!is_array($jwks['keys'] ?? null)) {
            throw new QuoteError('failed', 'no JWK set (it has no keys)');
        }
        $maxAge = preg_match('/\bmax-age=(\d+)/', $headers['cache-control'] ?? '', $found) ? (int) $found[1] : self::KEYS_AGE;
        $maxAge = max(self::KEYS_COOLDOWN, min($maxAge, self::LONGEST_KEYS_AGE));
        $this->keys = ['fetched_at' => time(), 'max_age' => $maxAge, 'jwks' => $jwks];
        if ($this->keysFile !== null) {
            file_put_contents($this->keysFile, json_encode($this->keys), LOCK_EX);
        }
        return $jwks;
    }

    /**
     * The headers and the body of a successful answer. Retries once after a network failure, a 503, or a proxy's 502 or 504.
     *
     * @return array{array<string, string>, string}
     */
    private function ask(string $path, string $accept, array $post = []): array
    {
        [$status, $headers, $body] = $this->answer($path, $accept, $post);
        if (in_array($status, [0, 502, 503, 504], true)) {
            usleep(self::RETRY_WAIT);
            [$status, $headers, $body] = $this->answer($path, $accept, $post);
        }
        if ($status >= 200 && $status < 300) {
            return [$headers, $body];
        }
        $isRefused = $status >= 400 && $status < 500 && $status !== 429;
        $detail = json_decode($body, true)['detail'] ?? ($status === 0 ? 'no answer' : "status $status");
        throw new QuoteError($isRefused ? 'refused' : 'failed', (string) $detail, $status);
    }

    /** @return array{int, array<string, string>, string} the status, 0 without an answer; the headers, in lower case; the body */
    private function answer(string $path, string $accept, array $post): array
    {
        $stream = @fopen($this->url . $path, 'r', false, $this->context($accept, $this->timeout, $post));
        if ($stream === false) {
            return [0, [], ''];
        }
        $body = (string) stream_get_contents($stream, self::LONGEST_LINE);
        $state = stream_get_meta_data($stream);
        fclose($stream);
        $lines = $state['wrapper_data'];
        $headers = [];
        foreach (array_slice($lines, 1) as $line) {
            [$name, $value] = explode(':', $line, 2) + ['', ''];
            $headers[strtolower($name)] = trim($value);
        }
        // PHP does not report a truncated body.
        $isWhole = !$state['timed_out'] && strlen($body) === (int) ($headers['content-length'] ?? strlen($body));
        return $isWhole ? [(int) substr($lines[0], 9, 3), $headers, $body] : [0, [], ''];
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
    private function context(string $accept, float $timeout, array $post = [])
    {
        $authorization = $this->key === null ? '' : "\r\nAuthorization: Bearer $this->key";
        return stream_context_create(['http' => $post + [
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

/** A quote that was verified. Its body, signature and JWK set are the arguments of verifyQuote(), to prove it later. */
final class LockedQuote
{
    /**
     * @param array $quote the parsed document
     * @param float $remaining seconds until it expires, by the service's clock when it answered: not positive if it has expired.
     *     That clock (Kurs-Time) is not signed: use https where the network is not trusted. Read the quote again to learn what
     *     remains.
     * @param string $body the bytes that are signed
     */
    public function __construct(
        public array $quote,
        public float $remaining,
        public string $body,
        public string $signature,
        public array $jwks,
    ) {
    }
}

/**
 * There is no quote. `state` is "refused" if the service refuses the request, "failed" if there was no usable answer, or
 * "unverified" if the answer does not prove that it is the quote. `status` is that of the response, 0 without one. After
 * "failed" the quote may be locked: ask again with the same `idempotencyKey`.
 */
final class QuoteError extends RuntimeException
{
    public ?string $idempotencyKey = null;

    public function __construct(public string $state, public string $reason, public int $status = 0)
    {
        parent::__construct($reason);
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
