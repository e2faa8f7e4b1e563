import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { LiveChargePoint } from '$lib/api/types';
import { language } from '$lib/language/language.svelte';

import type { Abilities, ChargeSettings } from './command';
import { Control } from './control.svelte';
import ModeChoice from './ModeChoice.svelte';

const abilities = { modes: ['instant', 'pv', 'stop'], priority: true, lasting: 'for_good' } as Abilities;
const point = (mode: string): LiveChargePoint =>
  ({ plugged: true, settings: { mode } as ChargeSettings, abilities }) as LiveChargePoint;

function show(mode: string, disabled = false) {
  language.choice = 'en';
  const send = vi.fn(() => new Promise<void>(() => undefined));
  render(ModeChoice, { control: new Control(send, () => null), point: point(mode), abilities, disabled });
  return send;
}
const button = (name: string) => screen.getByRole('button', { name });
const pressed = () =>
  screen
    .getAllByRole('button')
    .filter((one) => one.getAttribute('aria-pressed') === 'true')
    .map((one) => one.textContent?.trim());

afterEach(() => {
  cleanup();
  language.choice = 'system';
});

describe('the choice of a mode', () => {
  it('shows what the box reports, also after a click', async () => {
    const send = show('pv');
    await fireEvent.click(button('Instant'));
    expect(send).toHaveBeenCalledExactlyOnceWith({ command: { kind: 'mode', mode: 'instant' }, untilUnplug: true });
    expect(pressed()).toEqual(['PV']);
    expect(button('Instant').getAttribute('aria-busy')).toBe('true');
  });

  it('does not send what holds already', async () => {
    const send = show('pv');
    await fireEvent.click(button('PV'));
    expect(send).not.toHaveBeenCalled();
  });

  it('shows a mode that nobody knows by its own word, and offers it to nobody', async () => {
    const send = show('turbo');
    expect(pressed()).toEqual(['turbo']);
    await fireEvent.click(button('turbo'));
    expect(send).not.toHaveBeenCalled();
  });

  it('cannot be used while the box cannot be reached', () => {
    show('pv', true);
    for (const one of screen.getAllByRole('button')) expect((one as HTMLButtonElement).disabled).toBe(true);
  });
});
