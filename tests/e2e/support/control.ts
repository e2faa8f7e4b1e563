import { expect, type Locator, type Page } from '@playwright/test';

import { chargePoint } from './live';
import type { Messages } from './messages';
import type { Server } from './server.mjs';

/** Opens the page of the charge point with this name from its card. */
export async function openChargePoint(page: Page, name: string): Promise<void> {
  await chargePoint(page, name).getByRole('link', { name }).click();
  await expect(page).toHaveURL(/\/charge-points\//);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The group of a control by its label. */
export const control = (page: Page, label: string): Locator =>
  page.getByTestId('control').and(page.getByRole('group', { name: label, exact: true }));

/** A button of the mode's choice; on the charge point's page it also says what the mode means. */
export const mode = (within: Locator, t: Messages, key: string): Locator =>
  within
    .getByRole('group', { name: t.text('cp_mode') })
    .getByRole('button')
    .filter({ has: within.page().getByText(t.text(key), { exact: true }) });

interface Point {
  id: string;
  name: string;
  charge_point: { settings: Record<string, unknown> | null; locked: boolean | null } | null;
}

/** What the box reports of a charge point, as the API has it. */
export async function reported(server: Server, name: string): Promise<Point> {
  const { devices } = await server.api('/api/v1/live');
  const found = (devices as Point[]).find((device) => device.name === name && device.charge_point !== null);
  if (!found) throw new Error(`there is no charge point ${name}`);
  return found;
}

/** The kinds of all commands to a charge point, oldest first. */
export async function commandsTo(server: Server, name: string): Promise<string[]> {
  const { id } = await reported(server, name);
  const { commands } = await server.api(`/api/v1/commands?charge_point=${id}`);
  return (commands as { command: { kind: string } }[]).map((entry) => entry.command.kind).reverse();
}
