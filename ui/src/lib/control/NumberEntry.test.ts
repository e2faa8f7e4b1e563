import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';

import { language } from '$lib/language/language.svelte';

import NumberEntry from './NumberEntry.svelte';

afterEach(() => {
  cleanup();
  language.choice = 'system';
});

function show() {
  language.choice = 'de';
  const send = vi.fn();
  const bounds = { min: 1, max: 100, step: 0.5 };
  render(NumberEntry, {
    ...{ label: 'Energie', unit: 'kWh', bounds, digits: 1, start: 50, action: 'Setzen', disabled: false, busy: false },
    send,
  });
  return { send, field: screen.getByLabelText<HTMLInputElement>('Energie') };
}

it('sends what was typed, then shows again what is reported', async () => {
  const { send, field } = show();
  expect(field.value).toBe('50,0');
  await fireEvent.input(field, { target: { value: '12,5' } });
  await fireEvent.click(screen.getByRole('button', { name: 'Setzen' }));
  expect(send).toHaveBeenCalledExactlyOnceWith(12.5);
  expect(field.value).toBe('50,0');
});

it('sends nothing that is out of bounds, and says so', async () => {
  const { send, field } = show();
  await fireEvent.input(field, { target: { value: '0,3' } });
  await fireEvent.submit(field.form as HTMLFormElement);
  expect(send).not.toHaveBeenCalled();
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByText(/1,0 bis 100,0/)).toBeTruthy();
});
