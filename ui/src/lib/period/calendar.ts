/** How days, months and arrows look in both calendars. */
export const look = {
  arrow:
    'inline-flex size-11 shrink-0 items-center justify-center rounded-control hover:bg-sunken data-disabled:opacity-40 rail:size-9',
  select: 'min-h-9 rounded-control border border-line bg-raised px-2 text-sm font-medium',
  weekday: 'w-10 py-1 text-center text-xs font-normal text-muted',
  cell: 'size-10 p-0.5',
  day: 'figures flex size-full items-center justify-center rounded-[6px] text-sm hover:bg-sunken data-disabled:pointer-events-none data-disabled:opacity-40 data-outside-month:text-muted data-today:font-bold data-today:underline data-today:underline-offset-4',
  chosen: 'data-selected:bg-accent data-selected:text-on-accent',
  inRange:
    'data-selected:bg-accent-soft data-range-start:bg-accent! data-range-start:text-on-accent data-range-end:bg-accent! data-range-end:text-on-accent',
};

/** The years to choose from: nobody has recorded anything before openWB existed. */
export const yearsUpTo = (last: number): number[] => Array.from({ length: last - 2014 }, (_, index) => last - index);
