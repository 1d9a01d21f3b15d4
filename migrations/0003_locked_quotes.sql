-- Quotes that hold until they expire. A row is written once, never changes and is kept for good: the service deletes none.
-- The body is the document that was signed, byte for byte, so it is text and not jsonb.

create table locked_quotes (
    id uuid primary key,
    locked_at timestamptz not null,
    expires_at timestamptz not null,
    client text not null,           -- the name of the API key
    idempotency_key text,           -- the header of this name
    request_digest bytea,           -- SHA-256 of the request of this key
    body text not null,
    signature text not null,        -- of the body, detached
    unique (client, idempotency_key),  -- requests without a key do not collide
    check (expires_at > locked_at),
    check ((idempotency_key is null) = (request_digest is null))
);
