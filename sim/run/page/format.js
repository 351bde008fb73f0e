// SPDX-License-Identifier: Apache-2.0
// How the page says numbers: thousands with commas, spans of time with three digits that matter,
// instants in UTC, money with its currency's decimals.

const whole = new Intl.NumberFormat('en-US');

export const int = (n) => whole.format(n);

/** "2.4 %", "< 0.01 %"; "" of nothing. */
export function share(part, all) {
  if (!all) return '';
  const percent = (100 * part) / all;
  if (part > 0 && percent < 0.01) return '< 0.01 %';
  if (part < all && percent > 99.99) return '> 99.99 %';
  return `${trim(percent.toFixed(percent < 10 ? 2 : 1))} %`;
}

const trim = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** Microseconds as "820 µs", "3.04 s", "2m 05s", "1h 02m", "3d 4h"; negative ones with a minus. */
export function span(us) {
  if (us === null || us === undefined) return '';
  if (us < 0) return `−${span(-us)}`;
  if (us < 1e3) return `${us} µs`;
  if (us < 1e6) return `${digits(us / 1e3)} ms`;
  if (us < 60e6) return `${digits(us / 1e6)} s`;
  const s = Math.round(us / 1e6);
  if (s < 3600) return `${Math.floor(s / 60)}m ${two(s % 60)}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${two(Math.floor((s % 3600) / 60))}m`;
  return `${Math.floor(s / 86400)}d ${Math.floor((s % 86400) / 3600)}h`;
}

const two = (n) => String(n).padStart(2, '0');
const digits = (n) => trim(n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : n.toFixed(0));

/** Instants of one run, given in microseconds since its start. */
export function clock(startUs) {
  const date = (us) => new Date((startUs + us) / 1000);
  return {
    full: (us) => date(us).toISOString().replace('T', ' ').slice(0, 23),
    /** As short as the width of a bucket allows. */
    bucket(us, widthUs) {
      const text = date(us).toISOString();
      if (widthUs >= 86400e6) return text.slice(5, 10);
      return `${text.slice(5, 10)} ${text.slice(11, widthUs >= 60e6 ? 16 : 19)}`;
    },
    millis: (us) => (startUs + us) / 1000,
  };
}

/** A decimal text of a currency: "47688.29", "USD" -> "47,688.29 USD". No float touches it. */
export function money(text, currency) {
  if (text === null || text === undefined) return '';
  const [, sign, integer, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const places = decimals(currency);
  const grouped = integer.replace(/\B(?=(\d{3})+$)/g, ',');
  const rest = fraction.padEnd(places, '0');
  const shown = /^0*$/.test(rest.slice(places)) ? rest.slice(0, places) : rest;
  const amount = `${sign ? '−' : ''}${grouped}${shown ? `.${shown}` : ''}`;
  return currency ? `${amount} ${currency}` : amount;
}

function decimals(currency) {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits;
  } catch {
    return 2;
  }
}

/** a - b of two decimal texts of equal scale, exactly. */
export function minus(a, b) {
  const scale = (a.split('.')[1] ?? '').length;
  const other = (b.split('.')[1] ?? '').length;
  const places = Math.max(scale, other);
  const units = (text, has) => BigInt(text.replace('.', '')) * 10n ** BigInt(places - has);
  const difference = units(a, scale) - units(b, other);
  const text = (difference < 0n ? -difference : difference).toString().padStart(places + 1, '0');
  const cut = text.length - places;
  return `${difference < 0n ? '-' : ''}${text.slice(0, cut)}${places ? `.${text.slice(cut)}` : ''}`;
}

/** "+17", "−3", "0". */
export const signed = (n) => (n > 0 ? `+${int(n)}` : n < 0 ? `−${int(-n)}` : '0');

/** "double_fire_new_id" -> "double fire new id". */
export const words = (name) => name.replaceAll('_', ' ');

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** 1, "action" -> "1 action"; 2 -> "2 actions". */
export const counted = (n, what) => `${int(n)} ${what}${n === 1 ? '' : 's'}`;
