import { type CSSVariablesResolver, createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'cyan',
  // Filled cyan needs its darker shades to carry white text at a contrast of 4.5.
  primaryShade: { light: 9, dark: 9 },
  defaultRadius: 'md',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.75rem' }, h2: { fontSize: '1.15rem' }, h3: { fontSize: '1rem' } },
  },
});

/** Under the pointer a filled button gets darker: a lighter cyan would carry white text at 4.3. */
export const themeVariables: CSSVariablesResolver = () => {
  const hover = { '--mantine-color-cyan-filled-hover': '#095b6a' };
  return { variables: {}, light: hover, dark: hover };
};
