import { expect, test } from '../support/test';
import { historyLoaded } from '../support/history';
import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';

const PAGES: [name: string, path: string][] = [
  ['live', '/'],
  ['history of a day', '/history'],
  ['history of a month', '/history?period=month'],
  ['history as a table', '/history?period=month&table=1'],
  ['connections', '/settings/connections'],
  ['recording', '/settings/recording'],
  ['diagnostics', '/settings/diagnostics'],
  ['appearance', '/settings/appearance'],
  ['about', '/settings/about'],
  ['welcome', '/welcome'],
  ['connecting', '/welcome?step=connect'],
];

for (const [name, path] of PAGES) {
  test(`${name}: fits, speaks one language and is accessible in light and dark`, async ({
    demo,
    page,
    signIn,
    language,
  }) => {
    // A table of a month is a lot to judge.
    test.slow();
    await signIn(demo);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(demo.url + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    if (path.startsWith('/history')) await historyLoaded(page);

    await expectNoSidewaysScroll(page);
    await expectOneLanguage(page, language);
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    // Colours are all that another theme changes.
    await expectAccessible(page, { only: ['color-contrast'] });
  });
}
