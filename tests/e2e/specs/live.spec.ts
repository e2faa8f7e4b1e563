import { expect, test } from '../support/test';
import { expectAccessible } from '../support/judge';
import { chargePoint, device, powerOf, wattsIn } from '../support/live';

test.beforeEach(async ({ server, box, page, signIn }) => {
  await server.connect(box.port, 'Haus am See');
  await signIn(server);
  await page.goto(server.url);
  await expect(page.getByTestId('house')).toBeVisible();
});

test('the house is one picture: what comes in, where it goes, and nothing is lost between', async ({
  box,
  page,
  t,
}) => {
  await box.order('pv 4200');
  await box.order('home 700');
  await expect.poll(() => powerOf(device(page, 'Dach Süd'))).toBe(4200);
  const house = page.getByTestId('house');
  const parts = async (side: number) => {
    const labels = await house
      .getByRole('list')
      .nth(side)
      .getByRole('button')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    return labels.map(wattsIn).reduce((sum, watts) => sum + watts, 0);
  };
  // Both bars tell the same total; labels are rounded to 100 W from one kilowatt on.
  await expect.poll(async () => Math.abs((await parts(0)) - (await parts(1)))).toBeLessThanOrEqual(300);
  await expect(house.getByText(t.text('house_in'), { exact: true })).toBeVisible();
  await expect(house.getByRole('button', { name: new RegExp(`^${t.text('kind_pv')} 4[.,]2`) })).toBeVisible();
});

test('values follow the box without a reload', async ({ box, page, t }) => {
  await box.order('home 1300');
  await expect.poll(() => powerOf(device(page, t.text('kind_home')))).toBe(1300);
  await box.order('home 2600');
  await expect.poll(() => powerOf(device(page, t.text('kind_home')))).toBe(2600);
});

test('a car that is plugged in, scans its card and charges shows on its card', async ({ box, page, t }) => {
  const garage = chargePoint(page, 'Garage');
  await expect(garage).toContainText(t.text('cp_state_A'));

  await box.order('scan 3 0012345678');
  await box.order('plug 3 1');
  // A card's number is personal: only its end is shown.
  await expect(garage).toContainText('…5678');
  await expect(garage).not.toContainText('0012345678');
  await expect(garage).toContainText(t.text('cp_state_C'));
  await expect.poll(() => powerOf(garage)).toBeGreaterThan(1000);
  await expect(garage).toContainText(t.text('cp_energy'));

  await box.order('unplug 3');
  await expect(garage).toContainText(t.text('cp_state_A'));
});

test('a value that nobody knows is a dash and never a zero', async ({ box, page }) => {
  const grid = device(page, 'Hausanschluss');
  await expect.poll(() => powerOf(grid)).not.toBeNaN();
  // A box that is silent cannot put its own value back.
  await box.order('core stop');
  await box.order('publish openWB/counter/0/get/power null');
  await expect(grid).toContainText('–');
  expect(await powerOf(grid)).toBeNaN();
});

test('a broker that is gone is said at once, and its return too', async ({ box, page, t }) => {
  const chip = (status: string) =>
    page.getByRole('button', { name: t.text('status_open_list', { status: t.text(status) }) });
  await expect(chip('status_live')).toBeVisible();

  await box.order('broker down');
  await expect(chip('status_offline')).toBeVisible();
  const banner = page.getByText(/^Haus am See: /);
  await expect(banner).toBeVisible();
  await expect(page.getByRole('link', { name: t.text('banner_check') })).toBeVisible();
  await expect(chargePoint(page, 'Garage')).toContainText(t.like('device_stale'));
  await expectAccessible(page);
  await chip('status_offline').click();
  await expect(page.getByText(t.like('status_last_heard'))).toBeVisible();
  await page.keyboard.press('Escape');

  await box.order('broker up');
  await expect(chip('status_live')).toBeVisible({ timeout: 20_000 });
  await expect(banner).toBeHidden();
  await expect(chargePoint(page, 'Garage')).not.toContainText(t.like('device_stale'));
});

test('a box whose software has died is stale: its old values are marked and explained', async ({ box, page, t }) => {
  test.slow();
  await box.order('core stop');
  // The heartbeat has to be half a minute old before anybody may call the values old.
  const stale = page.getByRole('button', { name: t.text('status_open_list', { status: t.text('status_stale') }) });
  await expect(stale).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(t.like('banner_source_stale', { name: 'Haus am See' }))).toBeVisible();
  await expect(chargePoint(page, 'Garage')).toContainText(t.like('device_stale'));
});

test('nothing can be clicked while the page itself is cut off, and it recovers on its own', async ({
  server,
  page,
  t,
  expected,
}) => {
  expected.push(/WebSocket connection/, /ERR_CONNECTION_REFUSED/);
  await server.program.stop();
  await expect(page.getByText(t.like('banner_offline'))).toBeVisible();
  await expect(page.locator('main > [inert]')).toBeVisible();
  // What is cut off is hidden from a screen reader, and so is its heading.
  await expectAccessible(page, { without: ['page-has-heading-one'] });

  await server.restart();
  await expect(page.getByText(t.like('banner_offline'))).toBeHidden({ timeout: 20_000 });
  await expect(page.locator('main > [inert]')).toHaveCount(0);
  await expect(page.getByTestId('house')).toBeVisible();
});
