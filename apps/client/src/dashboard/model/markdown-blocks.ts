/**
 * The little of Markdown that a model card is written in: headings, paragraphs, lists, tables, fenced code, quotes.
 * Whatever else there is stays plain text; nothing of it ever becomes markup.
 */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph' | 'code' | 'quote'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

export type Inline = { readonly style: 'plain' | 'strong' | 'code'; readonly text: string };

export function markdownBlocks(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = withoutFrontMatter(source.split(/\r?\n/));
  let at = 0;
  const takeWhile = (belongs: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && belongs(lines[at]!)) at += 1;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^(#{1,6}) +(.*)$/.exec(line);
    if (line.trim() === '') at += 1;
    else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: heading[2]! });
      at += 1;
    } else if (line.startsWith('```')) {
      at += 1;
      const text = takeWhile((inside) => !inside.startsWith('```')).join('\n');
      at += 1;
      blocks.push({ kind: 'code', text });
    } else if (isTableRow(line) && /^[|:\s-]+$/.test(lines[at + 1] ?? '')) {
      const [head, , ...rows] = takeWhile(isTableRow).map(cellsOf);
      blocks.push({ kind: 'table', head: head!, rows });
    } else if (isItem(line)) {
      blocks.push({ kind: 'list', items: itemsOf(takeWhile((next) => isItem(next) || /^ +\S/.test(next))) });
    } else if (line.startsWith('>')) {
      const text = takeWhile((next) => next.startsWith('>'));
      blocks.push({ kind: 'quote', text: text.map((quoted) => quoted.slice(1).trim()).join(' ') });
    } else {
      at += 1;
      const text = [line, ...takeWhile(isProse)];
      blocks.push({ kind: 'paragraph', text: text.map((part) => part.trim()).join(' ') });
    }
  }
  return blocks;
}

/** `**strong**` and `` `code` `` inside a line. */
export function inlines(text: string): Inline[] {
  return text
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (/^\*\*[^*]+\*\*$/.test(part)) return { style: 'strong', text: part.slice(2, -2) };
      if (/^`[^`]+`$/.test(part)) return { style: 'code', text: part.slice(1, -1) };
      return { style: 'plain', text: part };
    });
}

const isItem = (line: string) => /^ *([-*]|\d+\.) +\S/.test(line);
const isTableRow = (line: string) => line.trimStart().startsWith('|');
const isProse = (line: string) =>
  line.trim() !== '' && !/^(#{1,6} |```|>)/.test(line) && !isItem(line) && !isTableRow(line);
const cellsOf = (row: string) =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** A line that is indented goes on with the item above it. */
function itemsOf(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (isItem(line)) items.push(line.replace(/^ *([-*]|\d+\.) +/, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return items;
}

/** Facts for machines, between two lines of dashes at the top. */
function withoutFrontMatter(lines: string[]): string[] {
  if (lines[0] !== '---') return lines;
  const end = lines.indexOf('---', 1);
  return end === -1 ? lines : lines.slice(end + 1);
}
