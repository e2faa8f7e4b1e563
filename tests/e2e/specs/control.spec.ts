import type { Page } from '@playwright/test';

import { commandsTo, control, mode, openChargePoint, reported } from '../support/control';
import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';
import { chargePoint } from '../support/live';
import { Simulator } from '../support/simulator.mjs';
import { expect, test } from '../support/test';

/** A box that is silent shows that it does not follow only after its time is up. */
const PATIENCE_MS = 10_000;

const failure = (page: Page) => page.getByTestId('failure');
const entries = (page: Page) => page.getByTestId('journal').getByRole('listitem');

test.describe('an openWB 2', () => {
  test.beforeEach(async ({ server, box, page, signIn }) => {
    await server.connect(box.port, 'Haus am See');
    await signIn(server);
    await page.goto(server.url);
    await expect(chargePoint(page, 'Garage')).toBeVisible();
  });

  test('the mode is changed on the live page, and only what the box reports looks chosen', async ({
    server,
    page,
    t,
  }) => {
    const garage = chargePoint(page, 'Garage');
    const height = async () => (await garage.getByTestId('outcome').boundingBox())?.height;
    const free = await height();
    await expect(mode(garage, t, 'cp_mode_instant')).toHaveAttribute('aria-pressed', 'true');
    await mode(garage, t, 'cp_mode_pv').click();
    await expect(garage.getByTestId('outcome')).toContainText(t.text('control_confirmed'));
    await expect(mode(garage, t, 'cp_mode_pv')).toHaveAttribute('aria-pressed', 'true');
    await expect(mode(garage, t, 'cp_mode_instant')).toHaveAttribute('aria-pressed', 'false');
    // The outcome has its place: what is told there moves nothing.
    expect(await height()).toBe(free);
    expect((await reported(server, 'Garage')).charge_point?.settings?.mode).toBe('pv');
  });

  test('ten steps of the current are one command, noted in the journal', async ({ server, page, t }) => {
    await openChargePoint(page, 'Garage');
    const current = control(page, t.text('control_current'));
    const less = current.getByRole('button', { name: t.text('control_less', { what: t.text('control_current') }) });
    await expect(current).toContainText(/16\sA/);
    for (let step = 0; step < 6; step += 1) await less.click();
    await expect(current.getByTestId('outcome')).toContainText(t.text('control_confirmed'));
    await expect(current).toContainText(/10\sA/);
    expect((await reported(server, 'Garage')).charge_point?.settings?.current_a).toBe(10);
    expect(await commandsTo(server, 'Garage')).toEqual(['current']);

    // With the keyboard as well: every key moves, one command comes of it.
    await current.getByRole('slider').focus();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await expect(current.getByRole('slider')).toHaveAttribute('aria-valuetext', /13\sA/);
    await expect.poll(() => commandsTo(server, 'Garage')).toEqual(['current', 'current']);
    await expect(entries(page).first()).toContainText(t.like('command_current', { value: '13\\sA' }));
    await expect(entries(page).first()).toContainText(t.text('outcome_confirmed'));
    await expect(entries(page).first()).toContainText(t.text('journal_owner'));
  });

  test('a limit counts once it was set, and none is one tap', async ({ server, page, t }) => {
    await openChargePoint(page, 'Garage');
    const limit = control(page, t.text('control_limit'));
    const kind = (key: string) => limit.getByRole('button', { name: t.text(key), exact: true });
    await kind('control_limit_energy').click();
    await expect(kind('control_limit_none')).toHaveAttribute('aria-pressed', 'true');
    const field = limit.getByRole('textbox', { name: t.text('control_limit_energy') });
    await field.fill('0');
    await expect(limit.getByRole('button', { name: t.text('control_set') })).toBeDisabled();
    await expect(limit).toContainText(t.like('control_out_of_bounds'));
    await field.fill('12');
    await field.press('Enter');
    await expect(kind('control_limit_energy')).toHaveAttribute('aria-pressed', 'true');
    await expect(limit).toContainText(/12[.,]0\skWh/);
    expect((await reported(server, 'Garage')).charge_point?.settings?.limit).toMatchObject({ energy_wh: 12_000 });

    await kind('control_limit_none').click();
    await expect(kind('control_limit_none')).toHaveAttribute('aria-pressed', 'true');
    await mode(page.getByTestId('controls'), t, 'cp_mode_stop').click();
    await expect(limit).toContainText(t.text('control_limit_without', { mode: t.text('cp_mode_stop') }));
  });

  test('locking says what it does and asks first; unlocking does not', async ({ server, page, t }) => {
    const garage = chargePoint(page, 'Garage');
    await garage.getByRole('button', { name: t.text('control_lock'), exact: true }).click();
    const question = page.getByRole('alertdialog', { name: t.text('control_lock_title', { name: 'Garage' }) });
    await expect(question).toContainText(t.text('control_lock_text'));
    await question.getByRole('button', { name: t.text('cancel') }).click();
    await expect(question).toBeHidden();
    expect(await commandsTo(server, 'Garage')).toEqual([]);

    await garage.getByRole('button', { name: t.text('control_lock'), exact: true }).click();
    await question.getByRole('button', { name: t.text('control_lock'), exact: true }).click();
    await expect(garage.getByRole('button', { name: t.text('control_unlock') })).toBeVisible();
    expect((await reported(server, 'Garage')).charge_point?.locked).toBe(true);
    await garage.getByRole('button', { name: t.text('control_unlock') }).click();
    await expect(garage.getByRole('button', { name: t.text('control_lock'), exact: true })).toBeVisible();
  });

  test('what the box does not confirm stays as it was, with the reason and a way to try again', async ({
    box,
    page,
    t,
    expected,
  }) => {
    expected.push(/504 \(Gateway Timeout\)/);
    await openChargePoint(page, 'Garage');
    const controls = page.getByTestId('controls');
    // Its broker takes everything, and nobody is there to follow.
    await box.order('core stop');
    await mode(controls, t, 'cp_mode_stop').click();
    await expect(mode(controls, t, 'cp_mode_stop')).toHaveAttribute('aria-busy', 'true');
    await expect(mode(controls, t, 'cp_mode_stop')).toHaveAttribute('aria-pressed', 'false');
    await expect(failure(page)).toContainText(t.text('error_not_confirmed'), { timeout: PATIENCE_MS });
    await expect(failure(page)).toContainText(t.text('control_reports', { value: t.text('cp_mode_instant') }));
    await expect(mode(controls, t, 'cp_mode_instant')).toHaveAttribute('aria-pressed', 'true');
    await expect(entries(page).first()).toContainText(t.text('outcome_not_confirmed'));
    await expectAccessible(page);
    await expectOneLanguage(page, t.language);

    await box.order('core start');
    await failure(page)
      .getByRole('button', { name: t.text('try_again') })
      .click();
    await expect(mode(controls, t, 'cp_mode_stop')).toHaveAttribute('aria-pressed', 'true', { timeout: PATIENCE_MS });
    await expect(failure(page)).toBeHidden();
  });

  test('a box that cannot be reached cannot be controlled, and the page says why', async ({ box, page, t }) => {
    await box.order('broker down');
    const garage = chargePoint(page, 'Garage');
    await expect(mode(garage, t, 'cp_mode_pv')).toBeDisabled();
    await expect(garage.getByTestId('outcome')).toContainText(t.text('control_blocked'));
    await openChargePoint(page, 'Garage');
    const controls = page.getByTestId('controls');
    await expect(controls).toContainText(t.text('control_blocked'));
    for (const one of await controls.getByRole('slider').all()) await expect(one).toBeDisabled();
    await expect(controls.getByRole('button', { name: t.text('control_lock'), exact: true })).toBeDisabled();

    await box.order('broker up');
    await expect(mode(controls, t, 'cp_mode_pv')).toBeEnabled({ timeout: 20_000 });
  });

  test('a change for this charge only is put back when the car is unplugged', async ({ server, box, page, t }) => {
    await openChargePoint(page, 'Garage');
    const lasting = page.getByTestId('lasting');
    await expect(lasting).toContainText(t.text('control_lasts_profile'));
    await box.order('plug 3 1');
    await expect(lasting).toContainText(t.text('control_lasts_this_charge'));
    await expect(lasting.getByRole('radio', { name: t.text('control_this_charge') })).toBeChecked();
    const controls = page.getByTestId('controls');
    await mode(controls, t, 'cp_mode_stop').click();
    await expect(mode(controls, t, 'cp_mode_stop')).toHaveAttribute('aria-pressed', 'true');

    await box.order('unplug 3');
    await expect(mode(controls, t, 'cp_mode_instant')).toHaveAttribute('aria-pressed', 'true', {
      timeout: PATIENCE_MS,
    });
    expect((await reported(server, 'Garage')).charge_point?.settings?.mode).toBe('instant');
  });

  test('a vehicle is chosen, unless a card decides', async ({ box, page, t }) => {
    await openChargePoint(page, 'Carport');
    const vehicle = control(page, t.text('control_vehicle'));
    await vehicle.getByRole('combobox').selectOption({ label: 'ID.7' });
    await expect(vehicle.getByTestId('outcome')).toContainText(t.text('control_confirmed'), { timeout: PATIENCE_MS });
    await expect(vehicle.getByRole('combobox')).toHaveValue('vehicle/1');

    await box.order('scan 4 0012345678');
    await box.order('plug 4 1');
    await expect(vehicle).toContainText(t.text('control_card_decides'));
    await expect(vehicle.getByRole('combobox')).toBeDisabled();
  });

  test('a state of charge that somebody enters is said to be what counts from now on', async ({ page, t }) => {
    await openChargePoint(page, 'Carport');
    const soc = control(page, t.text('device_soc'));
    await expect(soc).toContainText(t.text('soc_source_manual'));
    await soc.getByRole('textbox', { name: t.text('control_enter_soc') }).fill('55');
    await soc.getByRole('button', { name: t.text('control_enter'), exact: true }).click();
    const question = page.getByRole('alertdialog');
    await expect(question).toContainText(t.text('control_enter_soc_text', { vehicle: 'Zoe' }));
    await question.getByRole('button', { name: t.text('control_enter'), exact: true }).click();
    await expect(soc.getByTestId('outcome')).toContainText(t.text('control_confirmed'), { timeout: PATIENCE_MS });
    await expect(soc).toContainText(/55\s%/);
  });

  test('the page leads back and says when there is no such charge point', async ({ server, page, t }) => {
    await openChargePoint(page, 'Garage');
    await page.getByRole('link', { name: t.text('charge_point_back') }).click();
    await expect(page.getByTestId('house')).toBeVisible();
    await page.goto(`${server.url}/charge-points/00000000-0000-0000-0000-000000000000`);
    await expect(page.getByText(t.text('charge_point_gone_title'))).toBeVisible();
    await expectAccessible(page);
  });
});

test('an openWB 1.9 has its own modes, one for all, and counts its energy anew', async ({
  server,
  page,
  signIn,
  t,
}) => {
  const box = await Simulator.start('--openwb', '1.9', '--http-port', '0');
  try {
    await server.connect(box.port, 'Alte Box');
    await signIn(server);
    await page.goto(server.url);
    const [garage, carport] = [chargePoint(page, 'Garage'), chargePoint(page, 'Carport')];
    await mode(garage, t, 'cp_mode_min_pv').click();
    for (const card of [garage, carport]) {
      await expect(mode(card, t, 'cp_mode_min_pv')).toHaveAttribute('aria-pressed', 'true');
    }
    await openChargePoint(page, 'Garage');
    await expect(page.getByTestId('controls')).toContainText(t.text('control_mode_for_all'));
    await expect(page.getByTestId('lasting').getByRole('radio')).toHaveCount(0);
    await expect(control(page, t.text('control_night'))).toContainText(t.text('control_off'));

    await box.order('plug 3');
    const counted = control(page, t.text('control_towards_limit'));
    await expect(counted).toContainText(/[1-9]\d*\s(Wh|kWh)/, { timeout: PATIENCE_MS });
    await counted.getByRole('button', { name: t.text('control_reset_energy') }).click();
    const question = page.getByRole('alertdialog', { name: t.text('control_reset_energy_title') });
    await question.getByRole('button', { name: t.text('control_reset_energy') }).click();
    await expect(entries(page).first()).toContainText(t.text('command_reset_energy'), { timeout: 20_000 });
    await expect(entries(page).first()).toContainText(t.text('outcome_confirmed'));
  } finally {
    await box.stop();
  }
});

test('prices that change by the hour show now, the hours to come, and which are below the highest', async ({
  server,
  page,
  signIn,
  t,
}) => {
  const box = await Simulator.start('--prices');
  try {
    await server.connect(box.port, 'Haus am See');
    await signIn(server);
    await page.goto(server.url);
    const tariff = page.getByTestId('tariff');
    await expect(tariff).toContainText(/\d[.,]\d\sct\/kWh/);
    await expect(tariff.getByRole('img')).toHaveAttribute('aria-label', t.like('price_summary'));
    await tariff.getByText(t.text('price_as_list')).click();
    expect(await tariff.getByRole('listitem').count()).toBeGreaterThan(3);
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);

    await openChargePoint(page, 'Garage');
    const most = control(page, t.text('control_max_price'));
    await most.getByRole('textbox').fill('150');
    await most.getByRole('textbox').press('Enter');
    await expect(most.getByTestId('outcome')).toContainText(t.text('control_confirmed'));
    await expect(page.getByText(t.like('price_hours'))).toBeVisible();
    await most.getByRole('textbox').fill('-50');
    await most.getByRole('textbox').press('Enter');
    await expect(page.getByText(t.text('price_no_hours'))).toBeVisible();
  } finally {
    await box.stop();
  }
});

test('the page of a charge point fits, speaks one language and is accessible in light and dark', async ({
  demo,
  page,
  signIn,
  language,
}) => {
  test.slow();
  await signIn(demo);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(demo.url);
  await openChargePoint(page, 'Garage');
  await expect(page.getByTestId('controls')).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expectAccessible(page, { only: ['color-contrast'] });
});
