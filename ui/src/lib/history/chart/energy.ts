import type { EnergyHistory, Mark } from '$lib/api/types';
import { number } from '$lib/format/number';

import { isMirrored, type ShownSeries } from '../series';
import { shortIntervalWords } from '../words';
import type { BarSeriesOption, ChartOption } from './echarts';
import { axisLook, frameFor, labelRoom, still } from './frame';
import type { Ink } from './ink';

export interface EnergyPicture {
  history: EnergyHistory;
  series: ShownSeries[];
}

/** Sources and uses point away from each other; one of them alone points up. */
export function directionOf(shown: ShownSeries, all: ShownSeries[]): 1 | -1 {
  return isMirrored(all) && shown.side === 'out' ? -1 : 1;
}

function markLook(mark: Mark, shown: ShownSeries, ink: Ink): BarSeriesOption['itemStyle'] {
  const color = ink.resolve(shown.color);
  if (mark === 'recovered') {
    return {
      color,
      decal: {
        symbol: 'rect',
        color: ink.fade('var(--raised)', 0.65),
        dashArrayX: [1, 0],
        dashArrayY: [2, 4],
        rotation: -Math.PI / 4,
      },
    };
  }
  if (mark === 'partial')
    return { color: ink.fade(shown.color, 0.45), borderColor: color, borderType: 'dashed', borderWidth: 1 };
  return { color };
}

export function energyOption(picture: EnergyPicture, width: number, ink: Ink): ChartOption {
  const { history, series } = picture;
  const bounds = history.bounds.map((at) => Date.parse(at));
  const count = Math.max(0, bounds.length - 1);
  const frame = frameFor(width, 0);
  const look = axisLook(ink);
  const every = Math.ceil(count / labelRoom(width - frame.left - frame.right, history.interval === 'hour' ? 48 : 54));

  const bars = series.map((shown): BarSeriesOption => {
    const found = history.series.find((one) => one.id === shown.id);
    const direction = directionOf(shown, series);
    return {
      type: 'bar',
      stack: 'all',
      silent: true,
      emphasis: { disabled: true },
      barCategoryGap: count > 40 ? '15%' : '28%',
      barMaxWidth: 44,
      data: (found?.wh ?? []).map((wh, index) => ({
        value: wh === null ? '-' : (wh / 1000) * direction,
        itemStyle: markLook(found?.marks[index] ?? 'none', shown, ink),
      })),
    };
  });

  return {
    ...still,
    grid: frame,
    xAxis: {
      ...look,
      type: 'category',
      data: bounds.slice(0, count).map((at) => shortIntervalWords(at, history.interval, history.zone)),
      axisLine: { show: true, onZero: false, lineStyle: { color: ink.line } },
      axisLabel: { ...look.axisLabel, interval: (index: number) => index % every === 0, hideOverlap: true },
    },
    yAxis: {
      ...look,
      type: 'value',
      splitNumber: 4,
      splitLine: { lineStyle: { color: ink.line } },
      axisLabel: {
        ...look.axisLabel,
        formatter: (value: number) => number(Math.abs(value), Number.isInteger(value) ? 0 : 1),
      },
    },
    series: [
      {
        type: 'bar',
        silent: true,
        stack: 'all',
        data: Array.from({ length: count }, () => '-'),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: ink.muted, type: 'solid', width: 1 },
          data: [{ yAxis: 0 }],
        },
      },
      ...bars,
    ],
  };
}
