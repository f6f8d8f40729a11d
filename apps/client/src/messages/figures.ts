/** Numbers, sizes and times as people read them. */
import type { Language } from './language.ts';

/** Keeps a number and its unit on one line. */
const UNBROKEN = '\u00a0';

const formatsOf = (language: Language) => ({
  whole: new Intl.NumberFormat(language),
  share: new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }),
  finerShare: new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }),
  oneDecimal: new Intl.NumberFormat(language, { maximumFractionDigits: 1 }),
  decimal: new Intl.NumberFormat(language, { maximumSignificantDigits: 4 }),
  scientific: new Intl.NumberFormat(language, { notation: 'scientific', maximumSignificantDigits: 3 }),
  exact: new Intl.NumberFormat(language, { maximumSignificantDigits: 21 }),
  time: new Intl.DateTimeFormat(language, { timeStyle: 'medium' }),
  moment: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }),
});

let formats = formatsOf('en');
export function writeFiguresIn(language: Language): void {
  formats = formatsOf(language);
}

export const count = (value: number) => formats.whole.format(value);
/** A fraction in [0, 1], e.g. `43 %`. */
export const percent = (fraction: number) => withUnbrokenSign(formats.share.format(fraction));
export const finePercent = (fraction: number) => withUnbrokenSign(formats.finerShare.format(fraction));
/** Four significant digits. */
export const decimal = (value: number) => formats.decimal.format(value);
/** Three significant digits and a power of ten, for what may be tiny. */
export const scientific = (value: number) => formats.scientific.format(value);
/** Every digit, for what people rely on. */
export const exact = (value: number) => formats.exact.format(value);
export const timeOfDay = (at: number) => formats.time.format(at);
export const dayAndTime = (at: number) => formats.moment.format(at);

const withUnbrokenSign = (text: string) => text.replace(/\s*%/, `${UNBROKEN}%`);

/** Decimal units, as operators bill them. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const figure = unit === 0 ? formats.whole.format(value) : formats.oneDecimal.format(value);
  return `${figure}${UNBROKEN}${units[unit]}`;
}

export function duration(seconds: number): string {
  const left = Math.max(0, Math.round(seconds));
  if (left < 90) return `${left}${UNBROKEN}s`;
  const minutes = Math.round(left / 60);
  if (minutes < 90) return `${minutes}${UNBROKEN}min`;
  return `${formats.oneDecimal.format(left / 3600)}${UNBROKEN}h`;
}

/** As `duration`, with a decimal for what is over in a moment. */
export const shortDuration = (seconds: number) =>
  seconds < 10 ? `${formats.oneDecimal.format(seconds)}${UNBROKEN}s` : duration(seconds);

export const plural = (value: number, one: string, many: string) =>
  `${count(value)} ${value === 1 ? one : many}`;
