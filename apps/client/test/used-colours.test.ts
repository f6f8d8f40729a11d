/** A colour that is not brought along would be drawn as none, and nothing else would notice. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_THEME } from '@mantine/core';
import { expect, it } from 'vitest';
import { USED_PALETTES, usedColours } from '../used-colours.ts';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const palettes = Object.keys(DEFAULT_THEME.colors);
const named = new RegExp(`(?:mantine-color-|color="|')(${palettes.join('|')})(?:-\\w+\\b|["'])`, 'g');

it('the pages name no palette that is left out', () => {
  const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tsx?|css)$/.test(file) && !file.startsWith('messages'))
    .map((file) => readFileSync(path.join(SOURCE, file), 'utf8'));
  const used = new Set(
    sources.flatMap((source) => [...source.matchAll(named)].map(([, palette]) => palette)),
  );
  expect(used.size).toBeGreaterThan(3);
  expect([...used].filter((palette) => !USED_PALETTES.includes(palette!))).toEqual([]);
});

it('takes the shades of a palette away, and nothing else', () => {
  const { transform } = usedColours();
  const css = [
    '  --mantine-color-pink-6: #e64980;\n',
    '  --mantine-color-pink-light-hover: rgba(1, 2, 3, 0.5);\n',
    '  --mantine-color-red-6: #fa5252;\n',
    '  --mantine-color-body: #fff;\n',
  ];
  const of = transform as (css: string, id: string) => string | null;
  const file = '/node_modules/@mantine/core/styles/default-css-variables.css';
  expect(of(css.join(''), file)).toBe(css.slice(2).join(''));
  expect(of(css.join(''), '/other.css')).toBeNull();
});
