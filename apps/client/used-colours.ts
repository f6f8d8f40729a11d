/**
 * Mantine brings fourteen palettes, in light and dark, and the pages use half of them: the others are not put on
 * everybody's way. What a component asks for by name must be one of these.
 */
import type { Plugin } from 'vite';

export const USED_PALETTES: readonly string[] = ['dark', 'gray', 'red', 'orange', 'yellow', 'teal', 'cyan'];

/** `  --mantine-color-pink-filled: var(--mantine-color-pink-8);`, but not `--mantine-color-body: ...;`. */
const SHADE = /^\s*--mantine-color-([a-z]+)-(?:\d|filled|light|outline)[\w-]*:[^;]*;\n?/gm;

export function usedColours(): Plugin {
  return {
    name: 'used-colours',
    enforce: 'pre',
    transform(css, id) {
      if (!id.includes('@mantine/core/styles/default-css-variables.css')) return null;
      return css.replace(SHADE, (line, palette: string) => (USED_PALETTES.includes(palette) ? line : ''));
    },
  };
}
