/** The charts as they are drawn on the page, one below the other, with their titles and legends, as a PNG. */
import type { ChartOfCurves, Curve } from './curves-of-rounds.ts';

interface Drawing {
  readonly chart: ChartOfCurves;
  readonly canvas: HTMLCanvasElement;
}
type Colours = Readonly<Record<Curve['colour'] | 'ink' | 'ground', string>>;

const MARGIN = 16;
const LINE = 22;

export async function pictureOfCharts(drawings: readonly Drawing[], colours: Colours): Promise<Blob> {
  // The page's charts have as many device pixels as the screen wants; words are scaled alike.
  const scale = devicePixelRatio;
  const picture = document.createElement('canvas');
  const tall = (canvas: HTMLCanvasElement) => canvas.height + scale * (2 * LINE + MARGIN);
  picture.width = Math.max(...drawings.map(({ canvas }) => canvas.width)) + 2 * scale * MARGIN;
  picture.height = drawings.reduce((height, { canvas }) => height + tall(canvas), scale * MARGIN);
  const context = picture.getContext('2d');
  if (!context) throw new Error('this browser draws no pictures');
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, picture.width, picture.height);
  let top = scale * MARGIN;
  for (const { chart, canvas } of drawings) {
    write(context, chart.title, { x: scale * MARGIN, y: top, colour: colours.ink, scale, bold: true });
    let x = scale * MARGIN;
    for (const { label, colour } of listed(chart.curves)) {
      x += write(context, label, { x, y: top + scale * LINE, colour: colours[colour], scale, bold: false });
    }
    context.drawImage(canvas, scale * MARGIN, top + scale * 2 * LINE);
    top += tall(canvas);
  }
  return new Promise((resolve, reject) =>
    picture.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))),
      'image/png',
    ),
  );
}

const listed = (curves: readonly Curve[]) =>
  curves.filter(({ style }) => style !== 'raw' && style !== 'left-behind');

/** How far the next word must move to the right. */
function write(
  context: CanvasRenderingContext2D,
  words: string,
  at: { x: number; y: number; colour: string; scale: number; bold: boolean },
): number {
  context.font = `${at.bold ? '600 ' : ''}${14 * at.scale}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  context.fillStyle = at.colour;
  context.fillText(words, at.x, at.y);
  return context.measureText(words).width + at.scale * MARGIN;
}
