import type { Page } from '@playwright/test';

import {
  cellsOf,
  daysAfter,
  historyLoaded,
  kilowattHoursIn,
  latestClockChange,
  numberIn,
  rowsOf,
} from '../support/history';
import { expect, test } from '../support/test';

const legend = (page: Page, name: string) => page.getByRole('list', { name }).getByRole('button');

test.beforeEach(async ({ demo, signIn }) => {
  await signIn(demo);
});

test('periods, arrows and the way back: the address says what is shown', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history`);
  await historyLoaded(page);
  const period = page.getByTestId('period');
  for (const [kind, text] of [
    ['week', 'period_week'],
    ['month', 'period_month'],
    ['year', 'period_year'],
  ] as const) {
    await page.getByText(t.text(text), { exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`period=${kind}`));
    await historyLoaded(page);
    await expect(page.getByTestId('chart')).toBeVisible();
  }

  await page.getByText(t.text('period_month'), { exact: true }).click();
  const thisMonth = await period.innerText();
  await expect(page.getByRole('button', { name: t.text('period_next') })).toBeDisabled();
  await page.getByRole('button', { name: t.text('period_previous') }).click();
  await expect(page).toHaveURL(/date=\d{4}-\d{2}-01/);
  const lastMonth = await period.innerText();
  expect(lastMonth).not.toBe(thisMonth);

  await page.reload();
  await expect(period).toHaveText(lastMonth);
  await page.goBack();
  await expect(period).toHaveText(thisMonth);
  await page.goForward();
  await expect(period).toHaveText(lastMonth);
  await page.getByRole('button', { name: t.text('period_next') }).click();
  await expect(period).toHaveText(thisMonth);
});

test('a free range keeps what was visible and can be trimmed', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history?period=month&date=2026-06-01`);
  await historyLoaded(page);
  await page.getByText(t.text('period_range'), { exact: true }).click();
  await expect(page).toHaveURL(/period=range&from=2026-06-01&to=2026-06-30/);
  await page.getByTestId('period').click();
  const day = (date: string) =>
    page.locator(`[data-range-calendar-day][data-value="${date}"]:not([data-outside-month])`);
  await day('2026-06-01').click();
  await day('2026-06-03').click();
  await expect(page).toHaveURL(/period=range&from=2026-06-01&to=2026-06-03/);
  await page.keyboard.press('Escape');
  await historyLoaded(page);
  await expect(page.getByTestId('chart')).toBeVisible();
});

test('the legend hides and shows a series, and a reload remembers it', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history?period=month&date=2026-06-01`);
  await historyLoaded(page);
  const buttons = legend(page, t.text('legend_title'));
  const first = buttons.first();
  await expect(first).toHaveAttribute('aria-pressed', 'true');
  await first.click();
  await expect(first).toHaveAttribute('aria-pressed', 'false');
  await expect(page).toHaveURL(/series=\d+/);
  // Its total stays readable.
  await expect(first).toContainText(/Wh$/);
  await page.reload();
  await expect(first).toHaveAttribute('aria-pressed', 'false');
  await first.click();
  await expect(page).not.toHaveURL(/series=/);
});

test('the table has the totals of the chart, and its rows add up to them', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history?period=month&date=2026-06-01`);
  await historyLoaded(page);
  const shown = await legend(page, t.text('legend_title')).evaluateAll((all) =>
    all
      .filter((one) => one.getAttribute('aria-pressed') === 'true')
      .map((one) => [one.querySelector('.truncate')?.textContent ?? '', one.lastElementChild?.textContent ?? '']),
  );
  expect(shown.length).toBeGreaterThan(4);

  await page.getByRole('button', { name: t.text('view_table') }).click();
  await expect(page).toHaveURL(/table=1/);
  const { head, body, foot } = await cellsOf(page.getByRole('table'));
  expect(body).toHaveLength(30);
  expect(foot[0]?.[0]).toBe(t.text('table_total'));
  for (const [index, [name = '', total = '']] of shown.entries()) {
    const column = index + 1;
    expect(head[column]).toBe(`${name} kWh`);
    const written = numberIn(foot[0]?.[column] ?? '');
    // The legend rounds to one decimal.
    expect(written, name).toBeCloseTo(kilowattHoursIn(total) ?? Number.NaN, 0);
    const sum = body.reduce((all, row) => all + (numberIn(row[column] ?? '') ?? 0), 0);
    expect(Math.abs(sum - (written ?? Number.NaN)), name).toBeLessThan(0.005 * (body.length + 1));
  }
});

for (const [item, delimiter, comma] of [
  ['export_international', ',', '.'],
  ['export_excel', ';', ','],
] as const) {
  test(`${item}: the file holds what the table shows`, async ({ demo, page, t }) => {
    await page.goto(`${demo.url}/history?period=month&date=2026-06-01&table=1`);
    await historyLoaded(page);
    const table = await cellsOf(page.getByRole('table'));
    await page.keyboard.press('e');
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: t.text(item) }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/^ladebuch-energy-2026-06-01.*\.csv$/);

    const [head = [], ...rows] = await rowsOf(download, delimiter);
    const energy = head.flatMap((title, index) => (title.endsWith('[kWh]') ? [index] : []));
    expect(energy).toHaveLength(table.head.length - 1);
    expect(rows).toHaveLength(table.body.length);
    for (const [line, row] of rows.entries()) {
      for (const [column, index] of energy.entries()) {
        const inFile = Number(row[index]?.replace(comma, '.'));
        const inTable = numberIn(table.body[line]?.[column + 1] ?? '');
        // Three decimals in the file, two on the page.
        expect(Math.abs(inFile - (inTable ?? Number.NaN)), `${row[0]} ${head[index]}`).toBeLessThanOrEqual(0.00501);
      }
    }
  });
}

for (const [what, month, hours] of [
  ['in spring', 3, 23],
  ['in autumn', 10, 25],
] as const) {
  test(`the day on which the clocks change ${what} has ${hours} hours`, async ({ demo, page, t }) => {
    const date = latestClockChange(month);
    await page.goto(`${demo.url}/history?date=${date}&view=energy&table=1`);
    await historyLoaded(page);
    const { body } = await cellsOf(page.getByRole('table'));
    expect(body).toHaveLength(hours);
    // Every row has a name of its own, also the hour that comes twice.
    expect(new Set(body.map((row) => row[0])).size).toBe(hours);
    const twos = body.filter((row) => /, 02:00/.test(row[0] ?? ''));
    expect(twos).toHaveLength(hours - 23);
    expect(body.every((row) => row.slice(1).every((cell) => numberIn(cell) !== null))).toBe(true);

    // The arrows step over it day by day.
    await page.getByRole('button', { name: t.text('period_next') }).click();
    await expect(page).toHaveURL(new RegExp(`date=${daysAfter(date, 1)}`));
    await historyLoaded(page);
    await expect(page.getByRole('table').locator('tbody tr')).toHaveCount(24);
    await page.getByRole('button', { name: t.text('period_previous') }).click();
    await expect(page).toHaveURL(new RegExp(`date=${date}`));
  });
}

test('the chart answers to the keyboard and says what it points at', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history?period=week&date=2026-06-01`);
  await historyLoaded(page);
  const chart = page.getByTestId('chart');
  await chart.focus();
  await page.keyboard.press('Home');
  const spoken = page.locator('[aria-live=polite]').filter({ hasText: /kWh/ });
  await expect(spoken).toBeAttached();
  const first = await spoken.innerText();
  await page.keyboard.press('ArrowRight');
  await expect(spoken).not.toHaveText(first);
  await page.keyboard.press('+');
  await expect(page.getByRole('button', { name: t.text('chart_reset') })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: t.text('chart_reset') })).toBeHidden();
});

test('keys lead through pages and periods, and a list of them is one key away', async ({ demo, page, t }) => {
  await page.goto(demo.url);
  await expect(page.getByTestId('house')).toBeVisible();
  await page.keyboard.press('2');
  await expect(page).toHaveURL(/\/history$/);
  await historyLoaded(page);
  await page.keyboard.press('[');
  await expect(page).toHaveURL(/date=/);
  await page.keyboard.press(']');
  await expect(page).not.toHaveURL(/date=/);
  await page.keyboard.press('e');
  await expect(page.getByRole('menuitem')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');
  await expect(page).toHaveURL(/\/settings\/connections$/);
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: t.text('shortcuts_title') });
  await expect(list).toContainText(t.text('shortcut_page', { page: t.text('nav_history') }));
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.keyboard.press('1');
  await expect(page).toHaveURL(`${demo.url}/`);
});

test('a time without records says so and leads to the latest values', async ({ demo, page, t }) => {
  await page.goto(`${demo.url}/history?period=month&date=2020-02-01`);
  await expect(page.getByText(t.text('history_empty_title'))).toBeVisible();
  await page.getByRole('button', { name: t.text('history_empty_latest') }).click();
  await historyLoaded(page);
  await expect(page.getByTestId('chart')).toBeVisible();
});
