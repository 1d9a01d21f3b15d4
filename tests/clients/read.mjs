// Reads the simulated venues with clients of others and compares every price, to the last digit, with what the simulator
// itself says. run.py starts the simulator and pins the prices that are to be read.
import assert from 'node:assert/strict';
import ccxt from 'ccxt';
import { Spot } from '@binance/spot';
import Coingecko from '@coingecko/coingecko-typescript';

const endpoints = JSON.parse(process.env.KURS_SIMULATOR);
const symbols = JSON.parse(process.env.KURS_SYMBOLS);
const LIMIT = 60_000;

async function own(path) {
  const answer = await fetch(endpoints.control + path);
  return answer.json();
}

/** The current book of each symbol: {b, a} as the venue writes them. */
async function currentBooks() {
  const { books } = await own('/books');
  return Object.fromEntries(symbols.map((symbol) => [symbol, books[symbol].at(-1)]));
}

/** Compares digits, however many zeros follow. */
function comparison(counts) {
  const digits = (text) => (String(text).includes('.') ? String(text).replace(/\.?0+$/, '') : String(text));
  return (got, wanted, what) => {
    assert.equal(digits(got), digits(wanted), what);
    counts.equal += 1;
  };
}

function within(promise, what) {
  const timeout = new Promise((_, reject) => setTimeout(() => reject(new Error(`${what}: nothing within a minute`)), LIMIT).unref());
  return Promise.race([promise, timeout]);
}

async function readWithCcxt(same) {
  const books = await currentBooks();
  const client = new ccxt.pro.binance({ options: { fetchMarkets: { types: ['spot'] } } });
  client.number = String; // no price passes through a double
  client.has.fetchCurrencies = false;
  client.urls.api.public = `${endpoints.binance_rest}/api/v3`;
  client.urls.api.ws.spot = `${endpoints.binance_stream[0]}/ws`;
  try {
    const markets = await client.loadMarkets();
    assert.equal(markets['BTC/RUB'].active, false);
    const pairs = symbols.map((symbol) => client.markets_by_id[symbol][0].symbol);
    const [bidsAsks, lastPrices] = [await client.fetchBidsAsks(pairs), await client.fetchLastPrices(pairs)];
    for (const [i, pair] of pairs.entries()) {
      const book = books[symbols[i]];
      same(bidsAsks[pair].bid, book.b, `ccxt REST ${pair} bid`);
      same(bidsAsks[pair].ask, book.a, `ccxt REST ${pair} ask`);
      same(lastPrices[pair].price, book.b, `ccxt REST ${pair} last`);
      const watched = (await within(client.watchBidsAsks([pair]), `ccxt bookTicker ${pair}`))[pair];
      same(watched.bid, book.b, `ccxt bookTicker ${pair} bid`);
      same(watched.ask, book.a, `ccxt bookTicker ${pair} ask`);
      const ticker = await within(client.watchTicker(pair), `ccxt miniTicker ${pair}`);
      same(ticker.last, book.b, `ccxt miniTicker ${pair} last`);
    }
  } finally {
    await client.close();
  }
}

async function readWithBinanceSpot(same) {
  const books = await currentBooks();
  const client = new Spot({
    configurationRestAPI: { basePath: endpoints.binance_rest, timeout: 5000 },
    configurationWebsocketStreams: { wsURL: endpoints.binance_stream[1] },
  });
  const info = await (await client.restAPI.exchangeInfo({ symbols })).data();
  assert.deepEqual(info.symbols.map((each) => each.status), symbols.map(() => 'TRADING'));
  const stream = await client.websocketStreams.connect();
  try {
    for (const symbol of symbols) {
      const book = books[symbol];
      const top = await (await client.restAPI.tickerBookTicker({ symbol })).data();
      same(top.bidPrice, book.b, `@binance/spot REST ${symbol} bid`);
      same(top.askPrice, book.a, `@binance/spot REST ${symbol} ask`);
      same((await (await client.restAPI.tickerPrice({ symbol })).data()).price, book.b, `@binance/spot REST ${symbol} price`);
      const next = (name, options = {}) => within(new Promise((resolve) => {
        stream[name]({ symbol: symbol.toLowerCase(), ...options }).on('message', resolve);
      }), `@binance/spot ${name} ${symbol}`);
      const seen = await next('bookTicker');
      same(seen.b, book.b, `@binance/spot bookTicker ${symbol} bid`);
      same(seen.a, book.a, `@binance/spot bookTicker ${symbol} ask`);
      same((await next('miniTicker')).c, book.b, `@binance/spot miniTicker ${symbol} last`);
      const { b: bids, a: asks } = await next('diffBookDepth');
      for (const [side, price] of [[bids, book.b], [asks, book.a]]) {
        for (const [level] of side.filter(([, size]) => Number(size) > 0)) same(level, price, `@binance/spot depth ${symbol}`);
      }
    }
  } finally {
    await stream.disconnect();
  }
}

async function readWithCoingecko(same) {
  const plans = [
    new Coingecko({ baseURL: endpoints.coingecko_rest, proAPIKey: 'pro-key', maxRetries: 0 }),
    new Coingecko({ baseURL: endpoints.coingecko_rest, demoAPIKey: 'demo-key', maxRetries: 0 }),
  ];
  const { coingecko } = await own('/state');
  const pairs = JSON.parse(process.env.KURS_COINS); // pinned: the others move
  const [ids, currencies] = [0, 1].map((part) => [...new Set(pairs.map((pair) => pair.split('/')[part]))].join(','));
  for (const client of plans) {
    const prices = await client.simple.price.get({
      ids, vs_currencies: currencies, precision: 'full', include_last_updated_at: true });
    for (const pair of pairs) {
      const [coin, currency] = pair.split('/');
      same(prices[coin][currency], coingecko[pair], `coingecko-typescript ${pair}`);
    }
    assert.ok((await client.simple.supportedVsCurrencies.get()).includes('rub'));
  }
  await assert.rejects(new Coingecko({ baseURL: endpoints.coingecko_rest, proAPIKey: 'wrong', maxRetries: 0 }).ping.get(),
    { status: 401 });
}

await Promise.all([readWithCcxt, readWithBinanceSpot, readWithCoingecko].map(async (read) => {
  const counts = { equal: 0 };
  await read(comparison(counts));
  console.log(`${read.name}: ${counts.equal} prices equal to the last digit`);
}));
process.exit(0);
