import { expect, test } from '../support/test';

test('a connection is added, shows that it works, is renamed and removed', async ({ server, box, page, signIn, t }) => {
  await signIn(server);
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole('button', { name: t.text('settings_add') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: t.text('kind_openwb') }).click();
  // A whole address may be pasted.
  await dialog.getByLabel(t.text('connection_host'), { exact: true }).fill(`mqtt://127.0.0.1:${box.port}`);
  await expect(dialog.getByLabel(t.text('connection_port'), { exact: true })).toHaveValue(String(box.port));
  await dialog.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(dialog.getByText(t.like('connection_test_ok'))).toBeVisible({ timeout: 15_000 });
  await dialog.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(dialog).toBeHidden();

  const card = page.getByTestId('connection');
  await expect(card).toContainText(`127.0.0.1:${box.port}`);
  await expect(card).toContainText(t.text('state_live'));
  await expect(card).toContainText(/openWB \d+\.\d+\.\d+/);

  await card.getByRole('button', { name: t.text('edit') }).click();
  await dialog.getByText(t.text('connection_more')).click();
  await dialog.getByLabel(t.text('connection_name'), { exact: true }).fill('Haus am See');
  await dialog.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(card.getByRole('heading', { level: 3 })).toHaveText('Haus am See');
  await expect(card).toContainText(t.text('state_live'));

  await card.getByRole('button', { name: t.text('remove') }).click();
  const question = page.getByRole('alertdialog', { name: t.text('settings_remove_title', { name: 'Haus am See' }) });
  await expect(question).toContainText(t.text('settings_remove_text'));
  await question.getByRole('button', { name: t.text('cancel') }).click();
  await expect(card).toBeVisible();
  await card.getByRole('button', { name: t.text('remove') }).click();
  await question.getByRole('button', { name: t.text('remove') }).click();
  await expect(card).toBeHidden();
  await expect(page.getByText(t.text('settings_no_connections_title'))).toBeVisible();
});

test('how often and how long is recorded can be chosen, and stays chosen', async ({ server, page, signIn, t }) => {
  await signIn(server);
  await page.goto(`${server.url}/settings/recording`);
  const interval = page.getByRole('group', { name: t.text('recording_interval') });
  await interval.getByText('30\u202fs').click();
  const days = page.getByLabel(t.like('recording_retention'));
  await days.fill('0');
  await expect(page.getByText(t.text('recording_retention_invalid'))).toBeVisible();
  await expect(page.getByRole('button', { name: t.text('save'), exact: true })).toBeDisabled();
  await days.fill('21');
  await page.getByLabel(t.text('recording_zone'), { exact: true }).fill('Europe/Vienna');
  await page.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(page.getByText(t.text('saved'), { exact: true })).toBeVisible();

  await page.reload();
  await expect(days).toHaveValue('21');
  await expect(interval.getByRole('radio').nth(2)).toBeChecked();
  expect(await server.api('/api/v1/settings')).toEqual({
    zone: 'Europe/Vienna',
    recording: { interval_s: 30, raw_retention_days: 21 },
  });
});

test('theme and language change at once and are remembered', async ({ server, page, signIn, t }) => {
  await signIn(server);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${server.url}/settings/appearance`);
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-theme', 'light');
  await page.getByText(t.text('appearance_theme_dark'), { exact: true }).click();
  await expect(root).toHaveAttribute('data-theme', 'dark');

  const [other, title] = t.language === 'de' ? (['en', 'Settings'] as const) : (['de', 'Einstellungen'] as const);
  await page.getByText(other === 'en' ? 'English' : 'Deutsch', { exact: true }).click();
  await expect(root).toHaveAttribute('lang', other);
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();

  await page.reload();
  await expect(root).toHaveAttribute('lang', other);
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
});

test('what the system wants is followed without a reload until something is chosen', async ({ demo, page, signIn }) => {
  await signIn(demo);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(demo.url);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});

test('navigation is a rail on a desktop and a bar at the bottom of a phone', async ({
  demo,
  page,
  signIn,
  t,
  isMobile,
}) => {
  await signIn(demo);
  await page.goto(demo.url);
  const navigation = page.getByRole('navigation', { name: t.text('nav_label') });
  await expect(navigation).toBeVisible();
  const place = await navigation.boundingBox();
  const size = page.viewportSize();
  if (place === null || size === null) throw new Error('there is nothing to measure');
  if (isMobile) {
    expect(place.width).toBe(size.width);
    expect(place.y + place.height).toBe(size.height);
  } else {
    expect(place).toMatchObject({ x: 0, y: 0, height: size.height });
    expect(place.width).toBeLessThan(size.width / 4);
  }
  // Large enough for a thumb.
  for (const link of await navigation.getByRole('listitem').getByRole('link').all()) {
    const box = await link.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(isMobile ? 44 : 36);
  }
});
