/** The page's colours as a canvas can use them. */
export interface Ink {
  text: string;
  muted: string;
  line: string;
  raised: string;
  /** Any colour of the page, also one that mixes tokens. */
  resolve(color: string): string;
  fade(color: string, alpha: number): string;
}

const FONT = "'Inter Variable', system-ui, sans-serif";
export const chartFont = { fontFamily: FONT, fontSize: 12 };

/** Lets the browser compute a colour, then reads back what it painted. */
export function readInk(element: HTMLElement): Ink {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const known = new Map<string, [number, number, number]>();

  function channels(color: string): [number, number, number] {
    const found = known.get(color);
    if (found) return found;
    probe.style.color = color;
    let rgb: [number, number, number] = [128, 128, 128];
    if (context) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = getComputedStyle(probe).color;
      context.fillRect(0, 0, 1, 1);
      const [r = 128, g = 128, b = 128] = context.getImageData(0, 0, 1, 1).data;
      rgb = [r, g, b];
    }
    known.set(color, rgb);
    return rgb;
  }

  const resolve = (color: string) => `rgb(${channels(color).join(',')})`;
  const fade = (color: string, alpha: number) => `rgba(${channels(color).join(',')},${alpha})`;
  const ink = {
    text: resolve('var(--text)'),
    muted: resolve('var(--muted)'),
    line: resolve('var(--line)'),
    raised: resolve('var(--raised)'),
    resolve,
    fade,
  };
  return ink;
}
