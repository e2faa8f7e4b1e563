import { expect, test } from '../support/test';

test('the printed link signs in once and leaves no code in the address', async ({
  server,
  page,
  browser,
  t,
  expected,
}) => {
  expected.push(/401/);
  await page.goto(server.link);
  await expect(page).toHaveURL(`${server.url}/welcome`);
  await expect(page.getByRole('heading', { name: t.text('welcome_title') })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: t.text('welcome_title') })).toBeVisible();

  const stranger = await browser.newPage();
  await stranger.goto(server.link);
  await expect(stranger.getByText(t.text('sign_in_refused_code'))).toBeVisible();
  expect(new URL(stranger.url()).hash).toBe('');
  await stranger.goto(server.url);
  await expect(stranger).toHaveURL(/\/sign-in\?next=%2F$/);
  await stranger.close();
});

test('a wrong token is refused with a sentence, the right one leads to the page that was wanted', async ({
  server,
  page,
  t,
  expected,
}) => {
  expected.push(/401/, /HTTP Authentication failed/);
  // Whoever has not been welcomed yet is led there first.
  await page.addInitScript(() => localStorage.setItem('ladebuch.welcome', 'seen'));
  await page.goto(`${server.url}/history?period=year`);
  const token = page.getByLabel(t.text('sign_in_token'));
  await token.fill('not-the-owner');
  await page.getByRole('button', { name: t.text('sign_in_button') }).click();
  await expect(page.getByText(t.text('sign_in_refused_token'))).toBeVisible();
  await expect(token).toHaveAttribute('aria-invalid', 'true');

  await token.fill(server.token);
  await page.getByRole('button', { name: t.text('sign_in_button') }).click();
  await expect(page).toHaveURL(/\/history\?period=year$/);
  await expect(page.getByRole('heading', { level: 1, name: t.text('history_title') })).toBeVisible();
});

test('signing out asks for a sign-in again', async ({ server, page, signIn, t, expected }) => {
  expected.push(/401/, /HTTP Authentication failed/);
  await signIn(server);
  await page.goto(`${server.url}/settings/about`);
  await page.getByRole('button', { name: t.text('about_sign_out') }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(server.url);
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a link made in the settings signs in another browser', async ({ server, page, browser, signIn, t }) => {
  await signIn(server);
  await page.goto(`${server.url}/settings/about`);
  await page.getByRole('button', { name: t.text('about_sign_in_link_create') }).click();
  const link = page.getByText(/\/sign-in#code=/);
  await expect(link).toBeVisible();
  const other = await browser.newPage();
  await other.goto((await link.innerText()).trim());
  await expect(other).toHaveURL(`${server.url}/welcome`);
  await other.close();
});
