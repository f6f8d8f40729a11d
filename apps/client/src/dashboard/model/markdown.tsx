import { Code, Table, Text, Title, type TitleOrder } from '@mantine/core';
import { useMemo } from 'react';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { words } from '../../messages/index.ts';
import { type Block, inlines, markdownBlocks } from './markdown-blocks.ts';

export function Markdown({ source }: { source: string }) {
  const blocks = useMemo(() => markdownBlocks(source), [source]);
  return (
    <div className="markdown" data-testid="model-card">
      {blocks.map((block, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no other name, and are all replaced together
        <Drawn key={position} block={block} />
      ))}
    </div>
  );
}

function Drawn({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      // The page and its section have the first two levels.
      return (
        <Title order={Math.min(6, block.level + 2) as TitleOrder}>
          <Line text={block.text} />
        </Title>
      );
    case 'paragraph':
      return (
        <Text>
          <Line text={block.text} />
        </Text>
      );
    case 'quote':
      return (
        <blockquote>
          <Line text={block.text} />
        </blockquote>
      );
    case 'code':
      return <Code block>{block.text}</Code>;
    case 'list':
      return (
        <ul>
          {block.items.map((item) => (
            <li key={item}>
              <Line text={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return (
        <ScrollBox of={words.admin.modelCard}>
          <Table fz="sm">
            <Table.Thead>
              <Table.Tr>
                {block.head.map((cell) => (
                  <Table.Th key={cell}>
                    <Line text={cell} />
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {block.rows.map((row) => (
                <Table.Tr key={row.join('|')}>
                  {row.map((cell, column) => (
                    <Table.Td key={block.head[column] ?? cell} className="wraps">
                      <Line text={cell} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      );
  }
}

function Line({ text }: { text: string }) {
  return inlines(text).map(({ style, text: part }, position) => {
    const key = `${position}/${part}`;
    if (style === 'strong') return <strong key={key}>{part}</strong>;
    return style === 'code' ? <Code key={key}>{part}</Code> : part;
  });
}
