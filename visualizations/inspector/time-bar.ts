import { clock } from './duration.js';
import { element, icon, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';

const speeds = [0.25, 1, 4] as const;

/** The time: a slider over all that is known, and what moves it. */
export class TimeBar {
  readonly element: HTMLElement;
  readonly #slider = element('input', { type: 'range', class: 'slider', step: 1, 'aria-label': 'Time' });
  readonly #marks = element('canvas', { class: 'marks', 'aria-hidden': 'true' });
  readonly #play = element('button', { type: 'button', class: 'tool', title: 'Play or pause (Space)' });
  readonly #live = element('button', {
    type: 'button',
    class: 'present',
    title: 'Back to what happens at this moment (L)',
  });
  readonly #label = element('output', { class: 'moment' });
  readonly #speed = element('select', { class: 'speed', 'aria-label': 'Speed' });
  #isPlaying: boolean | undefined;
  #marked = '';
  #markedAt = 0;

  constructor(private readonly inspection: Inspection) {
    for (const speed of speeds)
      this.#speed.append(
        element('option', { value: speed, selected: speed === 1 }, speed === 0.25 ? '¼×' : `${speed}×`),
      );
    this.#speed.addEventListener('change', () => {
      inspection.speed = Number(this.#speed.value);
    });
    this.#play.addEventListener('click', () => inspection.play());
    this.#live.addEventListener('click', () => inspection.goLive());
    this.#slider.addEventListener('input', () => inspection.seek(Number(this.#slider.value)));
    const tool = (name: 'back' | 'forth', title: string, by: 1 | -1) => {
      const button = element(
        'button',
        { type: 'button', class: 'tool', title, 'aria-label': title },
        icon(name),
      );
      button.addEventListener('click', () => inspection.step(by));
      return button;
    };
    this.element = element(
      'footer',
      { class: 'time-bar', 'aria-label': 'Time' },
      tool('back', 'One step back (,)', -1),
      this.#play,
      tool('forth', 'One step on (.)', 1),
      this.#speed,
      element('div', { class: 'track' }, this.#marks, this.#slider),
      this.#label,
      this.#live,
    );
  }

  render(now: number): void {
    const { inspection } = this;
    const { timeline, n, isLive, isPlaying, isRunning, connection, world } = inspection;
    setAttributes(this.#slider, {
      min: timeline.first - 1,
      max: timeline.last,
      disabled: timeline.entries.length === 0,
    });
    if (Number(this.#slider.value) !== n) this.#slider.value = `${n}`;
    const moment = timeline.entries.length === 0 ? '' : clock(world.at);
    setText(this.#label, moment === '' ? '' : `${moment}   ${n} / ${timeline.last}`);
    setAttributes(this.#slider, { 'aria-valuetext': `entry ${n} of ${timeline.last}, ${moment}` });
    if (isPlaying !== this.#isPlaying) {
      this.#isPlaying = isPlaying;
      this.#play.replaceChildren(icon(isPlaying ? 'pause' : 'play'));
      setAttributes(this.#play, { 'aria-label': isPlaying ? 'Pause' : 'Play' });
    }
    setText(this.#live, isRunning ? 'Live' : 'End');
    setAttributes(this.#live, {
      'aria-pressed': `${isLive}`,
      class: `present${isLive && connection === 'live' ? ' on' : ''}`,
    });
    this.#mark(now);
  }

  /** The messages of the chosen call, or of all, along the slider. */
  #mark(now: number): void {
    const { timeline, call, n } = this.inspection;
    const width = this.#marks.clientWidth;
    const marked = `${timeline.version} ${call?.callId} ${width} ${n}`;
    if (marked === this.#marked || (now - this.#markedAt < 200 && timeline.entries.length > 2_000)) return;
    this.#marked = marked;
    this.#markedAt = now;
    const height = this.#marks.clientHeight;
    const ratio = devicePixelRatio;
    if (this.#marks.width !== Math.round(width * ratio)) this.#marks.width = Math.round(width * ratio);
    if (this.#marks.height !== Math.round(height * ratio)) this.#marks.height = Math.round(height * ratio);
    const context = this.#marks.getContext('2d');
    if (context === null) return;
    const style = getComputedStyle(this.#marks);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const first = timeline.first - 1;
    const span = Math.max(1, timeline.last - first);
    const drawn = new Set<number>();
    for (const entry of call?.entries ?? timeline.entries) {
      const x = Math.round(8 + ((entry.n - first) / span) * (width - 16));
      const isMessage = entry.kind === 'message';
      const slot = 2 * x + Number(isMessage);
      if (drawn.has(slot)) continue;
      drawn.add(slot);
      const colour = !isMessage ? '--mark' : entry.direction === 'received' ? '--received' : '--sent';
      context.globalAlpha = entry.n > n ? 0.35 : 1;
      context.fillStyle = style.getPropertyValue(colour);
      context.fillRect(x, isMessage ? 0 : height - 5, 1.5, isMessage ? height - 6 : 5);
    }
  }
}
