import type { Page } from '@playwright/test';

import { accountOf, accountRead, addElli, connectElli, expect, followLink, paste, test } from '../support/elli';
import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';
import type { Messages } from '../support/messages';
import { Server } from '../support/server.mjs';

const CONNECTIONS = '/settings/connections';
const card = (page: Page) => page.getByTestId('connection');
const signIn = (page: Page, t: Messages) => page.getByRole('button', { name: t.text('elli_sign_in'), exact: true });

test('an account is added with a link and the address at which the browser ended', async ({
  server,
  page,
  signIn: enter,
  t,
  expected,
  language,
}) => {
  expected.push(/422 \(Unprocessable/);
  await enter(server);
  await page.goto(server.url + CONNECTIONS);
  await addElli(page, t);
  const dialog = page.getByTestId('elli-sign-in');
  await expect(dialog).toContainText(t.text('elli_password_stays'));
  await expect(dialog).toContainText(t.text('elli_not_on_phone'));
  await expect(dialog).toContainText(t.like('elli_time_left'));
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);

  // Another address is no reason to begin again.
  await paste(page, t, 'https://login.elli.eco/u/login?state=1');
  await expect(dialog).toContainText(t.text('error_elli_callback_invalid'));
  const address = await followLink(page);
  // As Chromium's console puts it.
  await paste(page, t, `Failed to launch '${address}' because the scheme does not have a registered handler.`);

  await expect(dialog).toBeHidden();
  await expect(card(page)).toContainText(t.text('elli_state_signed_in'));
  await expect(card(page)).toContainText(t.like('elli_records_complete'), { timeout: 20_000 });
  const { sources } = await server.api('/api/v1/sources');
  expect(sources).toMatchObject([{ kind: 'elli' }]);

  await card(page)
    .getByRole('button', { name: t.text('rename') })
    .click();
  await page.getByRole('textbox', { name: t.text('connection_name') }).fill('Mein Elli');
  await page.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(card(page).getByRole('heading', { name: 'Mein Elli' })).toBeVisible();
});

test('a sign-in that was refused is begun again in place', async ({
  server,
  cloud,
  page,
  signIn: enter,
  t,
  expected,
}) => {
  expected.push(/409 \(Conflict/);
  await enter(server);
  await page.goto(server.url + CONNECTIONS);
  await addElli(page, t);
  await cloud.order('fault access-denied on');
  await paste(page, t, await followLink(page));
  const dialog = page.getByTestId('elli-sign-in');
  await expect(dialog).toContainText(t.text('error_elli_sign_in_refused'));
  await cloud.order('fault access-denied off');
  await dialog.getByRole('button', { name: t.text('elli_begin_again') }).click();
  await paste(page, t, await followLink(page));
  await expect(dialog).toBeHidden();
  await expect(card(page)).toContainText(t.text('elli_state_signed_in'));
});

test('Elli is signed in to from the welcome as well', async ({ server, page, t }) => {
  await page.goto(server.link);
  await page.getByRole('button', { name: t.text('welcome_connect') }).click();
  await page.getByRole('button', { name: t.text('kind_elli') }).click();
  await paste(page, t, await followLink(page));
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByTestId('charge-point').first()).toContainText(t.like('cp_elli_age'));
  await expect(page.getByTestId('house')).toBeHidden();
});

test('the account’s page shows stations, sums and cards, and its records can be read', async ({
  server,
  page,
  signIn: enter,
  t,
  language,
}) => {
  await enter(server);
  const { id } = await connectElli(server, page);
  const account = await accountRead(server, id);
  await page.goto(`${server.url}${CONNECTIONS}/${id}/elli`);
  const station = page.getByTestId('station').filter({ has: page.getByRole('heading', { name: 'Garage' }) });
  await expect(page.getByTestId('station')).toHaveCount(account.stations.length);
  await expect(station).toContainText(/E2P\d+/);
  await expect(station.getByTestId('totals')).toContainText(t.text('elli_totals_agree'), { timeout: 15_000 });
  await expect(page.getByTestId('elli-cards')).toContainText(/…\S{4}/);
  await expect(page.getByTestId('elli-cards')).not.toContainText(/ELLI-\w/);
  await page.getByText(t.text('elli_locations'), { exact: true }).click();
  await expect(page.getByRole('region', { name: t.text('elli_locations') })).toContainText('street');
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);

  await page.getByRole('link', { name: t.text('elli_records_view') }).click();
  const table = page.getByRole('table');
  await expect(table).toContainText('Garage');
  await expect(table).toContainText(/\d\s[kW]/u);
  const { rows } = await server.api(`/api/v1/charge-log?source=${id}&limit=100`);
  const faulted = rows.filter((row: { faulted: boolean }) => row.faulted).length;
  await expect(table.getByText(t.text('log_faulted'), { exact: true })).toHaveCount(faulted);
  await expect(table.getByRole('columnheader', { name: t.text('log_meter') })).toHaveCount(0);
  await expect(page.getByTestId('records')).toContainText(t.like('elli_records_complete'));
  await expect(page.getByRole('button', { name: t.text('charge_log_import') })).toHaveCount(0);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
});

test('a PDF of Elli’s is fetched for a month, handed over, and kept', async ({ server, page, signIn: enter, t }) => {
  await enter(server);
  const { id } = await connectElli(server, page);
  await accountRead(server, id);
  await page.goto(`${server.url}${CONNECTIONS}/${id}/elli`);
  const pdfs = page.getByTestId('elli-pdfs');
  await expect(pdfs).toContainText(t.text('elli_pdf_none'));
  const coming = page.waitForEvent('download');
  await pdfs.getByRole('button', { name: t.text('elli_pdf_fetch') }).click();
  expect((await coming).suggestedFilename()).toMatch(/^elli-\S+-\d{4}-\d\d-01-\d{4}-\d\d-01\.pdf$/);
  await expect(pdfs.getByRole('listitem')).toHaveCount(1);
  await expect(pdfs.getByRole('listitem')).toContainText(t.text('elli_pdf_all_cards'));

  const again = page.waitForEvent('download');
  await pdfs.getByRole('button', { name: t.like('elli_pdf_save') }).click();
  expect((await again).suggestedFilename()).toBe((await coming).suggestedFilename());
});

test('signing out asks first, and everything that was recorded stays', async ({ server, page, signIn: enter, t }) => {
  await enter(server);
  const { id, name } = await connectElli(server, page);
  const { records } = await accountRead(server, id);
  await page.goto(server.url + CONNECTIONS);
  await page.getByRole('button', { name: t.text('elli_menu', { name }) }).click();
  await page.getByRole('menuitem', { name: t.text('elli_sign_out') }).click();
  const question = page.getByRole('alertdialog', { name: t.text('elli_sign_out_title', { name }) });
  await expect(question).toContainText(t.text('elli_sign_out_text'));
  await question.getByRole('button', { name: t.text('elli_sign_out') }).click();
  await expect(card(page)).toContainText(t.text('elli_out_text'));
  expect(await accountOf(server, id)).toMatchObject({ state: 'signed_out', records: { kept: records.kept } });
  await expectAccessible(page);

  await signIn(page, t).click();
  await paste(page, t, await followLink(page));
  await expect(card(page)).toContainText(t.text('elli_state_signed_in'));
  expect((await server.api('/api/v1/sources')).sources).toHaveLength(1);
});

test('a session that Elli has ended is told, and one button signs in again', async ({
  server,
  cloud,
  page,
  signIn: enter,
  t,
  language,
}) => {
  await enter(server);
  const { id, name } = await connectElli(server, page);
  await accountRead(server, id);
  await cloud.order('sign-out');
  await server.api(`/api/v1/sources/${id}/elli/sync`, { method: 'POST' });
  await page.goto(server.url);
  await expect(page.getByText(t.text('banner_source', { name, problem: t.text('problem_sign_in_again') }))).toBeVisible(
    { timeout: 15_000 },
  );
  await page.getByRole('link', { name: t.text('banner_check') }).click();
  await expect(card(page)).toContainText(t.text('elli_again_text'));
  await expectOneLanguage(page, language);
  await expectAccessible(page);

  await signIn(page, t).click();
  await paste(page, t, await followLink(page));
  await expect(card(page)).toContainText(t.text('elli_state_signed_in'));
  await expect.poll(async () => (await accountOf(server, id)).state).toBe('signed_in');
});

test('a session moves to another Ladebuch with a text that is shown once', async ({
  server,
  cloud,
  page,
  signIn: enter,
  t,
  expected,
}) => {
  expected.push(/422 \(Unprocessable/);
  const other = await Server.start('--elli-url', cloud.elli);
  try {
    await enter(server);
    const { id, name } = await connectElli(server, page);
    await accountRead(server, id);
    await page.goto(server.url + CONNECTIONS);
    await page.getByRole('button', { name: t.text('elli_menu', { name }) }).click();
    await page.getByRole('menuitem', { name: t.text('elli_hand_over') }).click();
    const dialog = page.getByRole('dialog', { name: t.text('elli_hand_over_title', { name }) });
    await expect(dialog).toContainText(t.text('elli_hand_over_text'));
    await dialog.getByRole('button', { name: t.text('elli_hand_over_now') }).click();
    const ticket = (await page.getByTestId('ticket').innerText()).trim();
    expect(ticket).toMatch(/^ladebuch-elli-1:/);
    // What would be lost is not closed by accident.
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('ticket')).toBeVisible();
    await dialog.getByRole('button', { name: t.text('elli_ticket_done') }).click();
    await expect(card(page)).toContainText(t.text('elli_out_text'));

    await enter(other);
    await page.goto(other.url + CONNECTIONS);
    await addElli(page, t);
    const taking = page.getByTestId('elli-sign-in');
    await taking.getByRole('button', { name: t.text('elli_way_ticket') }).click();
    const field = taking.getByRole('textbox', { name: t.text('elli_ticket') });
    await field.fill(ticket.slice(0, -8));
    await taking.getByRole('button', { name: t.text('elli_take_over'), exact: true }).click();
    await expect(taking).toContainText(t.text('error_elli_ticket_invalid'));
    await field.fill(ticket);
    await taking.getByRole('button', { name: t.text('elli_take_over'), exact: true }).click();
    await expect(taking).toBeHidden();
    await expect(card(page)).toContainText(t.like('elli_records_complete'), { timeout: 20_000 });
    expect((await accountOf(server, id)).state).toBe('signed_out');
  } finally {
    // That nobody answers any more is no news.
    page.removeAllListeners('console');
    await other.stop();
  }
});
