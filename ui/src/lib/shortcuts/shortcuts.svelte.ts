import { SvelteSet } from 'svelte/reactivity';

export interface Shortcut {
  key: string;
  label: () => string;
  run: () => void;
}

/** Keys that work on the page that is open, in the order they were offered. */
class Shortcuts {
  readonly all = new SvelteSet<Shortcut>();

  /** Offers shortcuts until the returned function is called; made for `$effect`. */
  offer(...shortcuts: Shortcut[]): () => void {
    for (const shortcut of shortcuts) this.all.add(shortcut);
    return () => {
      for (const shortcut of shortcuts) this.all.delete(shortcut);
    };
  }

  /** Runs what belongs to a key press, unless somebody is typing or a dialog is open. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
    // On German keyboards the brackets need AltGr, which shows as a modifier state and not as Alt.
    if (event.altKey && !event.getModifierState('AltGraph')) return;
    const target = event.target;
    if (target instanceof HTMLElement) {
      if (
        target.isContentEditable ||
        target.closest('textarea, select, [role=dialog], [role=alertdialog], [role=menu]')
      )
        return;
      if (target instanceof HTMLInputElement && target.type !== 'radio' && target.type !== 'checkbox') return;
    }
    for (const shortcut of this.all) {
      if (shortcut.key === event.key) {
        event.preventDefault();
        shortcut.run();
        return;
      }
    }
  }
}

export const shortcuts = new Shortcuts();
