import type { Locator, Page } from '@playwright/test';

/** The card of the charge point with this name. */
export const chargePoint = (page: Page, name: string): Locator =>
  page.getByTestId('charge-point').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** The row of the device with this name. */
export const device = (page: Page, name: string): Locator =>
  page.getByTestId('device').filter({ has: page.getByText(name, { exact: true }) });

/** The first power that is written inside, in W; NaN when none is known. */
export async function powerOf(inside: Locator): Promise<number> {
  return wattsIn(await inside.innerText());
}

/** Reads the first power of a text in German or British notation. */
export function wattsIn(text: string): number {
  const found = /(−?[\d.,]+)\s*(kW|W)(?!h)/u.exec(text.replace(/[\u202f\u00a0]/g, ' '));
  if (!found?.[1]) return Number.NaN;
  const number = found[1].replace('−', '-');
  // One digit after the separator makes it a decimal one; watts are written without decimals.
  const value = Number(/[.,]\d$/.test(number) ? number.replace(',', '.') : number.replace(/[.,]/g, ''));
  return found[2] === 'kW' ? value * 1000 : value;
}
