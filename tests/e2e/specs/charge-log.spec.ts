import type { Page } from '@playwright/test';

import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';
import { Simulator } from '../support/simulator.mjs';
import { expect, test } from '../support/test';
import type { Messages } from '../support/messages';

const section = (page: Page, t: Messages) => page.getByRole('region', { name: t.text('charge_log_title') });

/** The figure below a label of the import. */
const figure = (page: Page, label: string) =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator('dd');

test('a box’s charge log is imported once and whole, and its rows can be read', async ({
  server,
  page,
  signIn,
  t,
  language,
  isMobile,
}) => {
  const box = await Simulator.start('--past-days', '60');
  const { id } = await server.connect(box.port, 'Keller');
  await signIn(server);
  await page.goto(`${server.url}/settings/connections`);
  const log = section(page, t);
  await expect(log).toContainText(t.text('charge_log_lead'));
  await log.getByRole('button', { name: t.text('charge_log_import') }).click();
  await expect(log).toContainText(t.like('charge_log_done'), { timeout: 20_000 });
  const imported = await server.api(`/api/v1/sources/${id}/charge-log/import`);
  expect(imported.rows).toBeGreaterThan(10);
  await expect(figure(page, t.text('charge_log_rows'))).toHaveText(String(imported.rows));
  await expect(figure(page, t.text('charge_log_new'))).toHaveText(String(imported.rows));

  // Once more changes nothing.
  await log.getByRole('button', { name: t.text('charge_log_again') }).click();
  await expect(figure(page, t.text('charge_log_new'))).toHaveText('0', { timeout: 20_000 });
  await expect(figure(page, t.text('charge_log_rows'))).toHaveText(String(imported.rows));

  await log.getByRole('link', { name: t.text('charge_log_view') }).click();
  await expect(page.getByRole('heading', { name: t.text('log_page', { name: 'Keller' }) })).toBeVisible();
  const table = page.getByRole('table', { name: t.text('log_page', { name: 'Keller' }) });
  await expect(table).toContainText('Garage');
  await expect(table).toContainText(/\d\skWh/u);
  await expect(table).toContainText(/…\d{4}/);
  await expect(table).not.toContainText('0012345678');
  const { rows } = await server.api('/api/v1/charge-log?limit=5000');
  const shown = Math.min(rows.length, 100);
  await expect(page.getByText(t.text('log_shown', { shown, all: rows.length }))).toBeVisible();

  // The head stays in view below the title.
  await page.mouse.wheel(0, 900);
  await expect(table.getByRole('columnheader').first()).toBeInViewport();
  const title = await page.getByRole('heading', { level: 1 }).locator('..').boundingBox();
  const head = await table.getByRole('columnheader').first().boundingBox();
  expect(head?.y).toBeGreaterThanOrEqual((title?.y ?? 0) + (title?.height ?? 0) - 2);
  await expect(table.getByRole('columnheader', { name: t.text('log_meter') })).toBeVisible({ visible: !isMobile });
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);
  await box.stop();
});

test('an import that is under way is still shown after the page was left', async ({ server, box, page, signIn, t }) => {
  const { id } = await server.connect(box.port, 'Keller');
  await signIn(server);
  let done = false;
  const status = { months_done: 7, month: '2026-03', rows: 41, new_rows: 12, unreadable: 1 };
  await page.route(`**/api/v1/sources/${id}/charge-log/import`, (route) =>
    route.fulfill({
      json: {
        ...status,
        state: done ? 'done' : 'running',
        month: done ? null : status.month,
        started_at: new Date().toISOString(),
        finished_at: done ? new Date().toISOString() : null,
        problem: null,
      },
    }),
  );
  await page.goto(`${server.url}/settings/connections`);
  const log = section(page, t);
  const reading = t.text('charge_log_reading', { month: t.language === 'de' ? 'März 2026' : 'March 2026' });
  await expect(log).toContainText(reading);
  await expect(log.getByRole('progressbar')).toBeVisible();
  await expect(figure(page, t.text('charge_log_months'))).toHaveText('7');
  await page.getByRole('link', { name: t.text('settings_about'), exact: true }).click();
  await expect(log).toBeHidden();
  await page.goBack();
  await expect(log).toContainText(reading);
  done = true;
  await expect(log).toContainText(t.like('charge_log_done'));
  await expect(log.getByRole('button', { name: t.text('charge_log_again') })).toBeVisible();
});

test('a failed import says why and what to do', async ({ server, box, page, signIn, t }) => {
  const { id } = await server.connect(box.port, 'Keller');
  await signIn(server);
  await page.goto(`${server.url}/settings/connections/${id}/charge-log`);
  await expect(page.getByText(t.text('log_empty_title'))).toBeVisible();
  await box.order('broker down');
  await expect
    .poll(async () => (await server.api('/api/v1/live')).sources[0].state, { timeout: 20_000 })
    .toBe('offline');
  await page.getByRole('button', { name: t.text('charge_log_import') }).click();
  await expect(page.getByText(t.text('import_offline'))).toBeVisible();
  await box.order('broker up');
  await expect.poll(async () => (await server.api('/api/v1/live')).sources[0].state, { timeout: 20_000 }).toBe('live');
  await page.getByRole('button', { name: t.text('charge_log_again') }).click();
  await expect(page.getByText(t.text('log_none_title'))).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(t.text('import_offline'))).toBeHidden();
});

test('a user without the role is told which one is missing', async ({ server, page, signIn, t }) => {
  const box = await Simulator.start('--users', 'anna:secret:chargepoint-3-access');
  await server.connect(box.port, 'Keller');
  await signIn(server);
  await page.goto(`${server.url}/settings/connections`);
  const card = page.getByTestId('connection');
  await expect(card).toContainText(t.text('problem_login_needed'), { timeout: 15_000 });
  const help = card.getByRole('region', { name: t.text('rights_title') });
  await expect(help).toContainText('chargepoint-#-access');
  await expect(help).toContainText(t.text('rights_user'));
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);

  // With a user only what that user lacks is left to say.
  await card.getByRole('button', { name: t.text('edit') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(t.text('connection_user'), { exact: true }).fill('anna');
  await dialog.getByLabel(t.text('connection_password'), { exact: true }).fill('secret');
  await dialog.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(dialog.getByText(t.like('connection_test_generation', { generation: '2.x' }))).toBeVisible({
    timeout: 15_000,
  });
  await dialog.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(card).toContainText(t.text('problem_rights_missing'), { timeout: 15_000 });
  await expect(help).toContainText('chargepoint-4-access');
  await expect(help).not.toContainText('chargepoint-3-access');
  await card.getByRole('button', { name: t.text('charge_log_import') }).click();
  await expect(card.getByText(t.text('import_not_allowed'))).toBeVisible({ timeout: 20_000 });
  await box.stop();
});

test('a row that cannot be read is kept and says why, and a doubtful time is marked', async ({
  server,
  box,
  page,
  signIn,
  t,
}) => {
  const { id } = await server.connect(box.port, 'Keller');
  await signIn(server);
  const empty = {
    charge_point_id: null,
    ...{ charge_point_name: null, begin: null, end: null, ambiguous: false, energy_wh: null },
    ...{ energy_since_plug_in_wh: null, meter_start_wh: null, meter_end_wh: null, mode: null, vehicle: null },
    ...{ tag: null, cost_eur: null, soc_start_percent: null, soc_end_percent: null, unreadable: null },
    ...{ created_at: null, faulted: false, gone_at: null, earlier_versions: 0 },
  };
  const doubtful = { charge_point_name: 'Garage', begin: '2026-10-25T00:30:00Z', end: '2026-10-25T03:00:00Z' };
  await page.route('**/api/v1/charge-log?*', (route) => {
    expect(new URL(route.request().url()).searchParams.get('source')).toBe(id);
    return route.fulfill({
      json: {
        rows: [
          { ...empty, ...doubtful, id: 2, source_id: id, ambiguous: true, energy_wh: 7310, mode: 'night' },
          { ...empty, id: 1, source_id: id, unreadable: 'no begin' },
        ],
      },
    });
  });
  await page.goto(`${server.url}/settings/connections/${id}/charge-log`);
  const table = page.getByRole('table');
  await expect(table).toContainText('Garage');
  await expect(table).toContainText(t.text('log_unreadable'));
  await expect(table).toContainText('no begin');
  await table.getByRole('button', { name: t.text('log_doubtful') }).hover();
  await expect(page.getByText(t.text('log_doubtful_hint'))).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});
