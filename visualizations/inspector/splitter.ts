import { element } from './element.js';

/** A line between two panes that moves by pointer or arrow keys; `property` is the CSS variable that it sets, in pixels. */
export function splitter(options: {
  readonly label: string;
  readonly property: string;
  readonly orientation: 'vertical' | 'horizontal';
  /** The size of the pane that it sets, as it is. */
  readonly size: () => number;
  readonly least: number;
  readonly most: () => number;
  /** −1 where the pane lies after it. */
  readonly sign: 1 | -1;
}): HTMLElement {
  const { label, property, orientation, size, least, most, sign } = options;
  const bar = element('div', {
    class: `splitter ${orientation}`,
    role: 'separator',
    tabindex: 0,
    'aria-label': label,
    'aria-orientation': orientation,
    'aria-valuemin': least,
  });
  const set = (pixels: number) => {
    const value = Math.round(Math.max(least, Math.min(most(), pixels)));
    document.documentElement.style.setProperty(property, `${value}px`);
    bar.setAttribute('aria-valuenow', `${value}`);
  };
  const along = (event: PointerEvent) => (orientation === 'vertical' ? event.clientX : event.clientY);
  bar.addEventListener('pointerdown', (event) => {
    const start = along(event);
    const before = size();
    bar.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => set(before + sign * (along(moved) - start));
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', () => bar.removeEventListener('pointermove', move), {
      once: true,
    });
    event.preventDefault();
  });
  bar.addEventListener('keydown', (event) => {
    const [less, more] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key !== less && event.key !== more) return;
    set(size() + sign * (event.key === more ? 24 : -24));
    event.preventDefault();
    event.stopPropagation();
  });
  return bar;
}
