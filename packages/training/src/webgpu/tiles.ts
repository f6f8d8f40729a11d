/** What one invocation of a product holds in registers: the sizes that are best differ between processors. */
export interface Tile {
  readonly rows: number;
  /** Of four columns. */
  readonly groups: number;
  readonly workgroupSize: number;
}

export interface Tiles {
  readonly forward: Tile;
  readonly input: Tile;
  readonly kernel: Tile;
  /** Rows are neighbouring pixels. */
  readonly convolution: Tile;
  readonly convolutionInput: Tile;
  /** Here a row is a group of four input channels, with all columns of the window. */
  readonly convolutionKernel: Tile;
  /** Invocations that keep the whole device busy; long sums are split to get as many. */
  readonly invocations: number;
}

export const SOFTWARE_TILES: Tiles = {
  forward: { rows: 4, groups: 1, workgroupSize: 16 },
  input: { rows: 4, groups: 1, workgroupSize: 16 },
  kernel: { rows: 2, groups: 1, workgroupSize: 16 },
  convolution: { rows: 7, groups: 1, workgroupSize: 16 },
  convolutionInput: { rows: 7, groups: 1, workgroupSize: 16 },
  convolutionKernel: { rows: 1, groups: 1, workgroupSize: 8 },
  invocations: 128,
};

export const HARDWARE_TILES: Tiles = {
  forward: { rows: 4, groups: 1, workgroupSize: 64 },
  input: { rows: 4, groups: 1, workgroupSize: 64 },
  kernel: { rows: 1, groups: 1, workgroupSize: 64 },
  convolution: { rows: 4, groups: 1, workgroupSize: 64 },
  convolutionInput: { rows: 4, groups: 1, workgroupSize: 64 },
  convolutionKernel: { rows: 1, groups: 1, workgroupSize: 64 },
  invocations: 16_384,
};
