import type { Gap } from '$lib/api/types';

import { chartFont, type Ink } from './ink';
import type { ChartOption } from './echarts';

/** Where the plot sits inside its box, in pixels. Fixed, so that pointer and picture agree without asking the chart. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What an axis at the right takes. */
export const RIGHT_AXIS = 40;

/** Room for one line of labels below, or two where an hour is there twice and says which it is. */
export const frameFor = (width: number, rightAxes: number, twoLines = false): Frame => ({
  left: width < 500 ? 36 : 44,
  right: rightAxes > 0 ? rightAxes * RIGHT_AXIS : 10,
  top: 10,
  bottom: twoLines ? 42 : 26,
});

/** How many time labels fit without touching. */
export const labelRoom = (width: number, labelWidth = 62): number => Math.max(2, Math.floor(width / labelWidth));

export const axisLook = (ink: Ink) => ({
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { color: ink.muted, ...chartFont },
});

export const still: Partial<ChartOption> = { animation: false, textStyle: { fontFamily: chartFont.fontFamily } };

/** True where a gap touches a span of time. What a counter did has no length, only a moment. */
export const overlaps = (gap: Gap, from: number, to: number): boolean =>
  Date.parse(gap.from) < to && Math.max(Date.parse(gap.to), Date.parse(gap.from) + 1) > from;
