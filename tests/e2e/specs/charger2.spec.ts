import type { Page } from '@playwright/test';

import { commandsTo, control, mode, openChargePoint, reported } from '../support/control';
import { accountRead, connectCharger2, connectElli, expect, test } from '../support/elli';
import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';
import { chargePoint } from '../support/live';

const NAME = 'Elli Charger 2';
/** It is asked every second, and reports a change with the next look. */
const PATIENCE_MS = 10_000;

const entries = (page: Page) => page.getByTestId('journal').getByRole('listitem');

test('a Charger 2 is tried, added and changed', async ({ server, cloud, page, signIn, t, language }) => {
  await signIn(server);
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole('button', { name: t.text('settings_add') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: t.text('kind_charger2') }).click();
  await expect(dialog.getByLabel(t.text('connection_port'), { exact: true })).toHaveValue('502');
  // Nothing listens there: what has to be switched on is said at once.
  await dialog.getByLabel(t.text('connection_host'), { exact: true }).fill('127.0.0.1:1');
  await dialog.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(dialog).toContainText(t.text('problem_charger2_connection_refused'), { timeout: 15_000 });
  await expect(dialog.getByText(t.text('charger2_help_modbus'))).toBeVisible();
  await expectOneLanguage(page, language);
  await expectAccessible(page);

  await dialog.getByLabel(t.text('connection_host'), { exact: true }).fill(`127.0.0.1:${cloud.modbus}`);
  await dialog.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(dialog).toContainText(t.text('charger2_test_ok'), { timeout: 15_000 });
  await expect(dialog).toContainText(/\d\sk?VAh/u);
  await expect(dialog).toContainText(t.text('fact_limit_in_force'));
  await dialog.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(dialog).toBeHidden();

  const card = page.getByTestId('connection');
  await expect(card).toContainText(t.text('state_live'));
  await expect(card).toContainText(/\d\sk?VA/u);
  await card.getByRole('button', { name: t.text('edit') }).click();
  await dialog.getByLabel(t.text('connection_name'), { exact: true }).fill('Wallbox');
  await dialog.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(card.getByRole('heading', { level: 3 })).toHaveText('Wallbox');

  await page.goto(`${server.url}/settings/diagnostics`);
  await expect(page.getByText(t.text('diag_no_openwb'))).toBeVisible();
});

test('it is paused, goes on, and says when it allows less than was asked for', async ({
  server,
  cloud,
  page,
  signIn,
  t,
}) => {
  await cloud.order('unplug 3').catch(() => undefined);
  await cloud.order('soc 1 20');
  await cloud.order('plug 3 1');
  await connectCharger2(server, cloud, 'Keller');
  await signIn(server);
  await page.goto(server.url);
  const box = chargePoint(page, NAME);
  await expect(box).toContainText(/\d\skVA/u, { timeout: PATIENCE_MS });
  await expect(box).toContainText(t.text('cp_apparent_power'));
  await expect(box).toContainText(t.text('cp_state_C'));
  await mode(box, t, 'cp_mode_pause').click();
  await expect(mode(box, t, 'cp_mode_pause')).toHaveAttribute('aria-pressed', 'true', { timeout: PATIENCE_MS });
  await expect(box).toContainText(t.text('cp_state_B'), { timeout: PATIENCE_MS });
  expect((await reported(server, NAME)).charge_point?.settings?.mode).toBe('stop');
  await mode(box, t, 'cp_mode_charge').click();
  await expect(box).toContainText(t.text('cp_state_C'), { timeout: PATIENCE_MS });

  await openChargePoint(page, NAME);
  const current = control(page, t.text('control_current'));
  const less = t.text('control_less', { what: t.text('control_current') });
  await current.getByRole('button', { name: less }).click();
  await expect(current).toContainText(/15\sA/u, { timeout: PATIENCE_MS });
  // Load management leaves it less; what was asked for is kept.
  await cloud.order('limit 10');
  await expect(current).toContainText(t.like('cp_narrower', { allowed: '10[.,]0\\sA', asked: '15[.,]0\\sA' }), {
    timeout: PATIENCE_MS,
  });
  await page.getByRole('link', { name: t.text('charge_point_back') }).click();
  await expect(box).toContainText(t.like('cp_narrower'));
});

test('what it does when nobody talks to it is said and set', async ({ server, cloud, page, signIn, t, language }) => {
  await connectCharger2(server, cloud, 'Keller');
  await signIn(server);
  await page.goto(server.url);
  await openChargePoint(page, NAME);
  const silence = page.getByTestId('silence');
  await expect(silence).toContainText(t.like('silence_falls', { time: '15\\ss', current: '6\\sA' }));
  await expect(silence).toContainText(t.text('silence_no_promise'));

  const failsafe = control(page, t.text('silence_current'));
  const less = t.text('control_less', { what: t.text('silence_current') });
  await failsafe.getByRole('button', { name: less }).click();
  await expect(silence).toContainText(t.text('silence_zero'), { timeout: PATIENCE_MS });
  await expect(entries(page).first()).toContainText(t.like('command_failsafe_current', { value: '0\\sA' }));

  const watchdog = control(page, t.text('silence_watchdog'));
  await watchdog.getByRole('slider').focus();
  await page.keyboard.press('Home');
  await expect(silence).toContainText(t.text('silence_off'), { timeout: PATIENCE_MS });
  await expect(entries(page).first()).toContainText(t.text('command_watchdog', { value: t.text('control_off') }));
  expect(await commandsTo(server, NAME)).toEqual(['failsafe_current', 'watchdog']);
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);
});

test('the same wallbox in the cloud is linked, shown once, and taken apart again', async ({
  server,
  cloud,
  page,
  signIn,
  t,
  expected,
}) => {
  test.slow();
  // A device that has not been written down yet cannot be linked.
  expected.push(/409 \(Conflict/);
  await cloud.order('unplug 3').catch(() => undefined);
  await cloud.order('soc 1 20');
  await cloud.order('plug 3 1');
  await connectCharger2(server, cloud, 'Keller');
  await signIn(server);
  const { id } = await connectElli(server, page);
  await accountRead(server, id);
  await page.goto(server.url);
  await expect(page.getByTestId('charge-point')).toHaveCount(3);
  // With several sources each card says whose it is.
  const box = chargePoint(page, `${NAME} Keller`);
  await box.getByRole('link').click();
  const station = page.getByTestId('link').getByRole('combobox', { name: t.text('link_station') });
  await expect(async () => {
    await station.selectOption({ label: 'Garage · Elli' });
    await expect(page.getByTestId('charge-point-now')).toContainText(t.like('cp_from_elli'), { timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  await expect(page.getByTestId('link').getByRole('alert')).toHaveCount(0);
  await page.getByRole('link', { name: t.text('charge_point_back') }).click();
  await expect(page.getByTestId('charge-point')).toHaveCount(2);
  await expect(box.getByTestId('from-elli')).toContainText(/\d\sk?W/u);
  await expectAccessible(page);

  await box.getByRole('link').click();
  await station.selectOption({ label: t.text('link_none') });
  await page.getByRole('link', { name: t.text('charge_point_back') }).click();
  await expect(page.getByTestId('charge-point')).toHaveCount(3);
});
