import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

import { wordsOnlyIn, type Language } from './messages';

/** Nothing sticks out at the side: neither the page nor anything in it that cannot be scrolled to. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const sticking = await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 0.5)
      .map((element) => `${element.tagName} ${element.className} ${Math.round(element.getBoundingClientRect().right)}`);
  });
  expect(sticking, 'wider than the page').toEqual([]);
}

/** What of a page axe is asked to judge. */
interface Judged {
  /** Rules that cannot hold in a certain state. */
  without?: string[];
  /** These rules alone. */
  only?: string[];
}

/** No rule of WCAG 2.2 A and AA, nor of good practice, is broken. */
export async function expectAccessible(page: Page, { without = [], only }: Judged = {}): Promise<void> {
  // A colour that is still on its way is no colour to judge.
  await page.evaluate(() => {
    const endless = (animation: Animation) => animation.effect?.getComputedTiming().endTime === Infinity;
    for (const animation of document.getAnimations()) if (!endless(animation)) animation.finish();
  });
  // Nothing is framed here, so there is nothing to gather from a second page.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (only) axe.withRules(only);
  else axe.disableRules(without);
  const { violations } = await axe.analyze();
  const told = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.slice(0, 5).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  }));
  expect(told, 'violations that axe sees').toEqual([]);
}

/** Files and addresses, which no language changes. */
const PATHS = /\S*\/\S*/g;

/** Everything that the page says itself; what a box, a file or a person calls something is not its doing. */
async function wordsOf(page: Page): Promise<Set<string>> {
  const texts = await page.evaluate(() => {
    const foreign = 'code, kbd, script, style, [translate=no], [lang]:not(html)';
    const found: string[] = [document.title];
    for (const element of document.querySelectorAll('body *')) {
      if (element.closest(foreign)) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description']) {
        found.push(element.getAttribute(name) ?? '');
      }
      for (const node of element.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '');
      }
    }
    return found;
  });
  return new Set(
    texts.flatMap(
      (text) =>
        text
          .replace(PATHS, '')
          .toLowerCase()
          .match(/\p{L}{3,}/gu) ?? [],
    ),
  );
}

/** No word of the other language. */
export async function expectOneLanguage(page: Page, language: Language): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  const foreign = wordsOnlyIn(language === 'de' ? 'en' : 'de');
  const said = await wordsOf(page);
  expect(
    [...said].filter((word) => foreign.has(word)),
    'words of the other language',
  ).toEqual([]);
}
