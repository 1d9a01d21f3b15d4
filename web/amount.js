// Exact decimals as text: amounts and rates with a markup.

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

/// What a reader types: spaces between digits, and a comma for the point.
export const readDecimal = (text) => text.replaceAll(/\s/g, '').replace(',', '.');

/// {units, places}: units of 10 to the power of -places; null if it is no decimal.
function parse(text) {
    const [isDecimal, sign, whole, rest = ''] = decimal.exec(text) ?? [];
    return isDecimal === undefined ? null : { units: BigInt(sign + whole + rest), places: rest.length };
}

function render(units, places) {
    const digits = String(units).padStart(places + 1, '0');
    const rest = digits.slice(digits.length - places).replace(/0+$/, '');
    return digits.slice(0, digits.length - places) + (places > 0 && rest ? `.${rest}` : '');
}

/// A markup is in percent, with at most four decimals, and leaves something.
export function isMarkup(text) {
    return /^-?\d{1,2}(\.\d{1,4})?$/.test(text);
}

/// `value` × (1 - markup / 100) if the customer sells, × (1 + markup / 100) if he buys, exactly. Null if it is no
/// decimal from 0 on.
export function withMarkup(value, markup, side) {
    const [price, percent] = [parse(value), parse(markup)];
    if (!price || !percent || price.units < 0n) return null;
    const whole = 100n * 10n ** BigInt(percent.places);
    const factor = side === 'buy' ? whole + percent.units : whole - percent.units;
    return render(price.units * factor, price.places + percent.places + 2);
}
