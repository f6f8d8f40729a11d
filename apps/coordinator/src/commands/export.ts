/** `export`: a model of a run, as a file. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { blobHashOf, EXPORT_FORMATS, type ExportFormat } from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';
import { ADMIN_HELP, ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { type Command, print, printJson, UsageError } from './command.ts';

export const exportCommand: Command = {
  help: `Usage: tributary export RUN --out FILE [--format FORMAT] [--round N]

Saves the newest model, or the one that a round left.

${ADMIN_HELP}
  --out FILE         where to write it
  --format FORMAT    safetensors (default): read by every framework
                     onnx: for ONNX Runtime and other engines
                     adapters: those of an adapted model alone, as safetensors
                     tfjs: a zip for TensorFlow.js's loadLayersModel
                     card: what it is, how it was trained and measured, in Markdown
                     frame: Tributary's own tensor frame
  --round N          the model of this committed round; 0 is the first model
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...ADMIN_OPTIONS,
        out: { type: 'string' },
        format: { type: 'string', default: 'safetensors' },
        round: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { out, format, round } = values;
    const [runId] = positionals;
    if (runId === undefined || positionals.length > 1)
      throw new UsageError('name one run, as `tributary runs` lists it');
    if (out === undefined) throw new UsageError('say where to write with --out FILE');
    if (!isFormat(format)) throw new UsageError(`--format is one of ${EXPORT_FORMATS.join(', ')}`);
    if (round !== undefined && !/^\d{1,10}$/.test(round))
      throw new UsageError('--round is the number of a round');
    const query = new URLSearchParams({ format, ...(round !== undefined && { round }) });
    const content = await adminClient(values).bytes(`runs/${encodeURIComponent(runId)}/export?${query}`);
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

const isFormat = (text: string): text is ExportFormat => (EXPORT_FORMATS as readonly string[]).includes(text);
