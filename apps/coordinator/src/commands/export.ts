/** `export`: the current model of a run, as a file. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { blobHashOf } from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';
import { ADMIN_HELP, ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { type Command, print, printJson, UsageError } from './command.ts';

export const exportCommand: Command = {
  help: `Usage: tributary export RUN --out FILE [--format frame|safetensors]

Saves the current model. \`frame\` is Tributary's own tensor frame; \`safetensors\` is read by every framework.

${ADMIN_HELP}
  --out FILE         where to write it
  --format FORMAT    frame or safetensors (default safetensors)
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...ADMIN_OPTIONS,
        out: { type: 'string' },
        format: { type: 'string', default: 'safetensors' },
        json: { type: 'boolean', default: false },
      },
    });
    const { out, format } = values;
    const [runId] = positionals;
    if (runId === undefined || positionals.length > 1)
      throw new UsageError('name one run, as `tributary runs` lists it');
    if (out === undefined) throw new UsageError('say where to write with --out FILE');
    if (format !== 'frame' && format !== 'safetensors')
      throw new UsageError('--format is frame or safetensors');
    const content = await adminClient(values).bytes(
      `runs/${encodeURIComponent(runId)}/export?format=${format}`,
    );
    await writeFile(out, content);
    const result = {
      runId,
      file: out,
      format,
      bytes: content.length,
      sha256: blobHashOf(content, nativeSha256),
    };
    if (values.json) printJson(result);
    else print(`Wrote ${content.length} bytes to ${out}`);
    return 0;
  },
};
