/** Numbers, sizes and times as people read them. */
const LANGUAGE = 'en';
/** Keeps a number and its unit on one line. */
const UNBROKEN = '\u00a0';

const whole = new Intl.NumberFormat(LANGUAGE);
const share = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 0 });
const finerShare = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: 'medium' });
const moment = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });

export const count = (value: number) => whole.format(value);
/** A fraction in [0, 1], e.g. `43 %`. */
export const percent = (fraction: number) => share.format(fraction).replace('%', `${UNBROKEN}%`);
export const finePercent = (fraction: number) => finerShare.format(fraction).replace('%', `${UNBROKEN}%`);
export const timeOfDay = (at: number) => time.format(at);
export const dayAndTime = (at: number) => moment.format(at);

/** Decimal units, as operators bill them. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : oneDecimal.format(value)}${UNBROKEN}${units[unit]}`;
}

export function duration(seconds: number): string {
  const left = Math.max(0, Math.round(seconds));
  if (left < 90) return `${left}${UNBROKEN}s`;
  const minutes = Math.round(left / 60);
  if (minutes < 90) return `${minutes}${UNBROKEN}min`;
  return `${oneDecimal.format(left / 3600)}${UNBROKEN}h`;
}

export const plural = (value: number, one: string, many: string) =>
  `${count(value)} ${value === 1 ? one : many}`;
