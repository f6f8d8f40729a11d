/** Apart from how they are drawn, so that a page that only knows them carries no pen. */
export const SHAPE_LABELS = [
  'circle',
  'ring',
  'half disc',
  'crescent',
  'square',
  'frame',
  'triangle',
  'cross',
  'star',
  'bars',
] as const;
export type ShapeLabel = (typeof SHAPE_LABELS)[number];
export const PICTURE_SIDE = 32;
