import type { PowerHistory } from '$lib/api/types';
import { number } from '$lib/format/number';
import { clockTime, dayAndMonth, shortMonth, zoneName } from '$lib/format/time';
import type { Slot } from '$lib/prices/tariff';
import { isRepeatedHour, ticks, type Ticks } from '$lib/period/zone';

import type { ShownSeries } from '../series';
import type { ChartOption, LineSeriesOption } from './echarts';
import { axisLook, frameFor, labelRoom, RIGHT_AXIS, still, type Frame } from './frame';
import type { Ink } from './ink';

export interface PowerPicture {
  history: PowerHistory;
  series: ShownSeries[];
  from: number;
  to: number;
  /** Drawn as steps on an axis of their own; none if empty. */
  prices: Slot[];
}

const inAny = (ranges: number[][], index: number) =>
  ranges.some(([first, last]) => first !== undefined && last !== undefined && index >= first && index <= last);

function lines(picture: PowerPicture, shown: ShownSeries, ink: Ink): LineSeriesOption[] {
  const { history } = picture;
  const found = history.series.find((one) => one.id === shown.id);
  if (!found) return [];
  const start = Date.parse(history.start);
  const isSoc = shown.quantity === 'soc';
  const scale = isSoc ? 1 : 1000;
  const color = ink.resolve(shown.color);
  // A mean belongs to the middle of its slot.
  const points = found.mean.map((value, index): [number, number | null] => [
    start + (index + 0.5) * history.step_ms,
    value === null ? null : value / scale,
  ]);
  const common = {
    type: 'line',
    yAxisIndex: isSoc ? 1 : 0,
    showSymbol: false,
    silent: true,
    emphasis: { disabled: true },
    connectNulls: false,
    color,
  } satisfies LineSeriesOption;
  const result: LineSeriesOption[] = [
    {
      ...common,
      lineStyle: { width: 1.6, color, type: isSoc ? [6, 3] : 'solid' },
      areaStyle: shown.filled ? { color: ink.fade(shown.color, 0.16), origin: 0 } : undefined,
      data: points,
    },
  ];
  if (found.recovered.length > 0) {
    // Recovered values carry a light dashed core over their line.
    const data = points.map(([at, value], index): [number, number | null] => [
      at,
      inAny(found.recovered, index) ? value : null,
    ]);
    result.push({ ...common, lineStyle: { width: 1.6, color: ink.raised, type: [3, 4] }, data, z: 3 });
  }
  return result;
}

/** The price holds for a time and then jumps; where none is known, the line ends. */
function priceLine({ prices }: PowerPicture, ink: Ink): LineSeriesOption[] {
  if (prices.length === 0) return [];
  const data: [number, number | null][] = [];
  prices.forEach((slot, index) => {
    const before = prices[index - 1];
    if (before && before.to < slot.from) data.push([before.to, null]);
    const cents = slot.price * CENTS;
    data.push([slot.from, cents], [slot.to, cents]);
  });
  return [
    {
      type: 'line',
      yAxisIndex: 2,
      showSymbol: false,
      silent: true,
      emphasis: { disabled: true },
      connectNulls: false,
      color: ink.muted,
      lineStyle: { width: 1.2, color: ink.muted },
      data,
    },
  ];
}

const CENTS = 100;
const hasSoc = (series: ShownSeries[]) => series.some((one) => one.quantity === 'soc');
const rightAxes = ({ series, prices }: PowerPicture) => Number(hasSoc(series)) + Number(prices.length > 0);

function roundTimes(picture: PowerPicture, width: number): Ticks {
  const { history, from, to } = picture;
  const { left, right } = frameFor(width, rightAxes(picture));
  return ticks(from, to, history.zone, labelRoom(width - left - right));
}

/** Where the curves go; lower when an hour that comes twice needs a second line of labels. */
export function powerFrame(picture: PowerPicture, width: number): Frame {
  const { unit, at } = roundTimes(picture, width);
  const repeated =
    (unit === 'hour' || unit === 'minute') && at.some((time) => isRepeatedHour(time, picture.history.zone));
  return frameFor(width, rightAxes(picture), repeated);
}

export function powerOption(picture: PowerPicture, width: number, ink: Ink): ChartOption {
  const { history, series, from, to, prices } = picture;
  const { zone } = history;
  const withSoc = hasSoc(series);
  const frame = powerFrame(picture, width);
  const round = roundTimes(picture, width);
  const labels = (at: number) => {
    if (round.unit === 'day') return dayAndMonth(at, zone);
    if (round.unit === 'month') return shortMonth(at, zone);
    return isRepeatedHour(at, zone) ? `${clockTime(at, zone)}\n${zoneName(at, zone)}` : clockTime(at, zone);
  };
  const look = axisLook(ink);
  const valueAxis = {
    ...look,
    type: 'value',
    splitNumber: 4,
    splitLine: { lineStyle: { color: ink.line } },
  } as const;

  return {
    ...still,
    grid: frame,
    xAxis: {
      ...look,
      type: 'value',
      min: from,
      max: to,
      axisLine: { show: true, onZero: false, lineStyle: { color: ink.line } },
      splitLine: { show: false },
      axisTick: { show: true, customValues: round.at, lineStyle: { color: ink.line } },
      axisLabel: {
        ...look.axisLabel,
        customValues: round.at,
        lineHeight: 15,
        alignMinLabel: 'left',
        alignMaxLabel: 'right',
        formatter: labels,
      },
    },
    yAxis: [
      {
        ...valueAxis,
        axisLabel: { ...look.axisLabel, formatter: (value: number) => number(value, Number.isInteger(value) ? 0 : 1) },
      },
      { ...valueAxis, show: withSoc, min: 0, max: 100, splitLine: { show: false } },
      {
        ...valueAxis,
        show: prices.length > 0,
        position: 'right',
        offset: withSoc ? RIGHT_AXIS : 0,
        splitLine: { show: false },
        axisLabel: { ...look.axisLabel, formatter: (value: number) => number(value, 0) },
      },
    ],
    series: [
      {
        type: 'line',
        silent: true,
        data: [],
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: ink.muted, type: 'solid', width: 1 },
          data: [{ yAxis: 0 }],
        },
      },
      ...priceLine(picture, ink),
      ...series.flatMap((shown) => lines(picture, shown, ink)),
    ],
  };
}
