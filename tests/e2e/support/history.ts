import { readFile } from 'node:fs/promises';

import { expect, type Download, type Locator, type Page } from '@playwright/test';

const DAY_MS = 86_400_000;

/** Resolves when what the address asks for is shown. */
export async function historyLoaded(page: Page): Promise<void> {
  await expect(page.getByTestId('chart').or(page.getByRole('table'))).toBeVisible();
  await expect(page.locator('section[aria-busy=true]')).toHaveCount(0);
}

/** The last Sunday of a month, the day on which European clocks change. */
function lastSunday(year: number, month: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  return new Date(last.getTime() - last.getUTCDay() * DAY_MS).toISOString().slice(0, 10);
}

/** The latest day before today on which the clocks of Berlin changed in March or in October. */
export function latestClockChange(month: 3 | 10): string {
  const today = new Date().toISOString().slice(0, 10);
  const year = Number(today.slice(0, 4));
  const thisYear = lastSunday(year, month);
  return thisYear < today ? thisYear : lastSunday(year - 1, month);
}

/** A local date so many days after another. */
export const daysAfter = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** A number as German or British people write it; null for the dash of the unknown. */
export function numberIn(text: string): number | null {
  const plain = text.replace(/[\u202f\u00a0\s]/g, '').replace('−', '-');
  const found = /-?\d[\d.,]*/.exec(plain)?.[0];
  if (found === undefined) return null;
  const decimal = /[.,](\d{1,2})$/.exec(found)?.[1];
  const whole = decimal === undefined ? found : found.slice(0, -decimal.length - 1);
  return Number(`${whole.replace(/[.,]/g, '')}.${decimal ?? '0'}`);
}

/** The kilowatt-hours in a text that ends with a unit of energy. */
export function kilowattHoursIn(text: string): number | null {
  const number = numberIn(text.replace(/\s*(MWh|kWh|Wh)\s*$/u, ''));
  if (number === null) return null;
  return /MWh\s*$/.test(text) ? number * 1000 : /kWh\s*$/.test(text) ? number : number / 1000;
}

/** Header, body and footer of a table as it is read. */
export async function cellsOf(table: Locator): Promise<{ head: string[]; body: string[][]; foot: string[][] }> {
  return table.evaluate((element) => {
    const rows = (part: string) =>
      [...element.querySelectorAll(`${part} tr`)].map((row) =>
        [...row.querySelectorAll('th, td')].map((cell) => cell.textContent?.replace(/\s+/g, ' ').trim() ?? ''),
      );
    return { head: rows('thead')[0] ?? [], body: rows('tbody'), foot: rows('tfoot') };
  });
}

/** The rows of a downloaded CSV file whose cells hold no line breaks. */
export async function rowsOf(download: Download, delimiter: string): Promise<string[][]> {
  const text = await readFile(await download.path(), 'utf8');
  return text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(delimiter).map((cell) => cell.replace(/^"|"$/g, '').replaceAll('""', '"')));
}
