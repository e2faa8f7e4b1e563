import type { Quantity, Series } from '$lib/api/types';
import { colorOf, exportColor, kindName } from '$lib/devices/look';
import { m } from '$lib/paraglide/messages';

import type { View } from './address';

/** Sources are drawn upwards, uses downwards, as on the live page; a curve has no side. */
export type ChartSide = 'in' | 'out' | 'none';

/** A recorded series as the page shows it. */
export interface ShownSeries {
  id: number;
  name: string;
  color: string;
  side: ChartSide;
  quantity: Quantity;
  /** Drawn with its area filled. */
  filled: boolean;
  /** Shown unless the address says otherwise. */
  usual: boolean;
}

const order = ['pv', 'battery', 'grid', 'home', 'charge_point', 'meter'];

function sideOf(series: Series): ChartSide {
  if (series.quantity === 'power' || series.quantity === 'soc') return 'none';
  if (series.quantity === 'produced') return 'in';
  // The grid gives what the house draws; everything else uses what it draws.
  return (series.device_kind === 'grid') === (series.quantity === 'imported') ? 'in' : 'out';
}

function quantityWords(series: Series): string {
  const { quantity, device_kind: kind } = series;
  if (quantity === 'soc') return m.quantity_soc();
  if (kind === 'battery') {
    if (quantity === 'imported') return m.quantity_charged();
    if (quantity === 'exported') return m.quantity_discharged();
  }
  if (kind === 'grid') {
    if (quantity === 'imported') return m.quantity_imported();
    if (quantity === 'exported') return m.quantity_exported();
  }
  // What a house or a charge point counts forwards is what everybody expects; only backwards needs a word.
  return quantity === 'exported' ? m.quantity_exported() : '';
}

/** One of a kind is called by its kind, as on the live page. */
function deviceName(series: Series, all: Series[]): string {
  if (series.device_kind === 'charge_point' || series.device_kind === 'meter') return series.device_name;
  const same = new Set(all.filter((one) => one.device_kind === series.device_kind).map((one) => one.device_id));
  // A device without a name has that of its kind, in English.
  const nameless = series.device_name === series.device_kind;
  return same.size === 1 || nameless ? kindName(series.device_kind) : series.device_name;
}

/** A second device of a kind gets the kind's colour in another shade. */
function shade(series: Series, all: Series[]): string {
  const base = colorOf(series.device_kind, series.color_slot);
  if (series.device_kind === 'charge_point' || series.device_kind === 'meter') return base;
  const same = [
    ...new Set(all.filter((one) => one.device_kind === series.device_kind).map((one) => one.device_id)),
  ].sort();
  const index = same.indexOf(series.device_id);
  return index <= 0 ? base : `color-mix(in oklab, ${base} ${Math.max(35, 100 - index * 25)}%, var(--text))`;
}

/** Hardly any car gives energy back; a counter for it is worth a line only once it has counted. */
const isBackwards = (series: Series) => series.device_kind === 'charge_point' && series.quantity === 'exported';

export function seriesFor(view: View, all: Series[]): ShownSeries[] {
  const hasPv = all.some((series) => series.device_kind === 'pv');
  return all
    .filter((series) => (series.quantity === 'power' || series.quantity === 'soc') === (view === 'power'))
    .sort(
      (a, b) =>
        order.indexOf(a.device_kind) - order.indexOf(b.device_kind) || a.color_slot - b.color_slot || a.id - b.id,
    )
    .map((series): ShownSeries => {
      const words = quantityWords(series);
      const name = deviceName(series, all);
      const fedIn = series.device_kind === 'grid' && series.quantity === 'exported';
      return {
        id: series.id,
        name: words === '' ? name : `${name} · ${words}`,
        color: fedIn ? exportColor(colorOf(hasPv ? 'pv' : 'grid')) : shade(series, all),
        side: sideOf(series),
        quantity: series.quantity,
        filled: series.quantity === 'power' && (series.device_kind === 'pv' || series.device_kind === 'charge_point'),
        usual: series.quantity !== 'soc' && series.device_kind !== 'meter' && !isBackwards(series),
      };
    });
}

/** With sources and uses in one chart, the uses point down. */
export const isMirrored = (shown: ShownSeries[]): boolean =>
  shown.some((one) => one.side === 'in') && shown.some((one) => one.side === 'out');

/** The shown ones of a list: those the address names, or the usual ones. */
export function visible(list: ShownSeries[], chosen: number[] | null): ShownSeries[] {
  return list.filter((series) => (chosen === null ? series.usual : chosen.includes(series.id)));
}
