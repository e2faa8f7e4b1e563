import { language } from '$lib/language/language.svelte';

/** What stands for a value that nobody knows. Never 0. */
export const UNKNOWN = '–';
/** Narrow and unbreakable: a unit never stands alone on the next line. */
export const THIN_SPACE = '\u202f';

export interface Quantity {
  text: string;
  unit: string;
}

const formats = new Map<string, Intl.NumberFormat>();

function fixed(value: number, digits: number): string {
  const key = `${language.locale} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  // A value that rounds to nothing has no sign.
  const rounded = Number(value.toFixed(digits)) || 0;
  return format.format(rounded).replace('-', '−');
}

const unknown = (unit: string): Quantity => ({ text: UNKNOWN, unit });
const isKnown = (value: number | null | undefined): value is number => value != null && Number.isFinite(value);

export function number(value: number | null | undefined, digits = 0): string {
  return isKnown(value) ? fixed(value, digits) : UNKNOWN;
}

/** Watts as W below one kilowatt, as kW with one digit above. */
export function power(watts: number | null | undefined): Quantity {
  if (!isKnown(watts)) return unknown('kW');
  if (Math.abs(Math.round(watts)) < 1000) return { text: fixed(watts, 0), unit: 'W' };
  return { text: fixed(watts / 1000, 1), unit: 'kW' };
}

/** Watt-hours as Wh, kWh or MWh. */
export function energy(wattHours: number | null | undefined): Quantity {
  if (!isKnown(wattHours)) return unknown('kWh');
  const size = Math.abs(Math.round(wattHours));
  if (size < 1000) return { text: fixed(wattHours, 0), unit: 'Wh' };
  if (size < 10_000) return { text: fixed(wattHours / 1000, 2), unit: 'kWh' };
  if (size < 10_000_000) return { text: fixed(wattHours / 1000, 1), unit: 'kWh' };
  return { text: fixed(wattHours / 1_000_000, 2), unit: 'MWh' };
}

/** A meter's reading, always in kWh so that two of them compare. */
export function meterReading(wattHours: number | null | undefined): Quantity {
  return isKnown(wattHours) ? { text: fixed(wattHours / 1000, 2), unit: 'kWh' } : unknown('kWh');
}

/** An amount of money. */
export function euros(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 2), unit: '€' } : unknown('€');
}

export function percent(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 0), unit: '%' } : unknown('%');
}

export function amperes(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 1), unit: 'A' } : unknown('A');
}

/** Volt-amperes as VA below one kilovolt-ampere, as kVA above: apparent power, never watts. */
export function apparentPower(voltAmperes: number | null | undefined): Quantity {
  const { text, unit } = power(voltAmperes);
  return { text, unit: unit.replace('W', 'VA') };
}

/** Apparent energy, never watt-hours. */
export function apparentEnergy(voltAmpereHours: number | null | undefined): Quantity {
  const { text, unit } = energy(voltAmpereHours);
  return { text, unit: unit.replace('Wh', 'VAh') };
}

export function celsius(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 0), unit: '°C' } : unknown('°C');
}

export function seconds(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, Number.isInteger(value) ? 0 : 1), unit: 's' } : unknown('s');
}

export function volts(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 0), unit: 'V' } : unknown('V');
}

/** A price per kilowatt-hour, as bills give it: in cents. */
export function price(eurosPerKilowattHour: number | null | undefined): Quantity {
  if (!isKnown(eurosPerKilowattHour)) return unknown('ct/kWh');
  return { text: fixed(eurosPerKilowattHour * 100, 1), unit: 'ct/kWh' };
}

export function kilometres(value: number | null | undefined): Quantity {
  return isKnown(value) ? { text: fixed(value, 0), unit: 'km' } : unknown('km');
}

export function bytes(size: number): Quantity {
  if (size < 1024) return { text: fixed(size, 0), unit: 'B' };
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = size / 1024;
  let step = 0;
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return { text: fixed(value, value < 10 ? 1 : 0), unit: units[step] ?? 'TB' };
}

/** Number and unit in one text, for labels and tables. */
export const inWords = (quantity: Quantity): string => quantity.text + THIN_SPACE + quantity.unit;
