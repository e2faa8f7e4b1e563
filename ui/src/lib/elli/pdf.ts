import type { ElliAccount, ElliPdf } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';
import { label, periodAt, type Period } from '$lib/period/period';
import { localDate } from '$lib/period/zone';

/** A word of a file's name: no blanks, nothing that a file system minds. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();

/** `elli-garage-2026-11-01-2026-12-01.pdf` */
export const pdfName = (station: string, from: string, to: string): string =>
  ['elli', plain(station), from, to].filter((part) => part !== '').join('-') + '.pdf';

/** What a station is called; Elli's id where it has no name or is gone. */
export const stationName = (account: Pick<ElliAccount, 'stations'>, id: string): string =>
  account.stations.find((station) => station.id === id)?.name ?? id.slice(0, 8);

export const cardName = (account: Pick<ElliAccount, 'cards'>, id: string | null): string =>
  id === null
    ? m.elli_pdf_all_cards()
    : m.cp_card({ tag: account.cards.find((card) => card.id === id)?.number ?? id.slice(0, 8) });

/** The period of a report that is kept, in words. */
export function pdfPeriod({ from, to }: Pick<ElliPdf, 'from' | 'to'>, zone: string): string {
  const [start, end] = [localDate(Date.parse(from), zone), localDate(Date.parse(to), zone)];
  const month = periodAt('month', start);
  const whole = month.start.compare(start) === 0 && month.end.compare(end) === 0;
  const period: Period = whole ? month : { kind: 'range', start, end };
  return label(period);
}
