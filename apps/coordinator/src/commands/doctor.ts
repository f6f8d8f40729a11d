/** `doctor`: is this machine fit, and if not, what to do. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isLoopback } from '../network/addresses.ts';
import { readTlsFiles, type TlsChoice } from '../network/tls.ts';
import { type Command, print, printJson, UsageError } from './command.ts';
import { doctorTraining } from './doctor-training.ts';
import { TLS_OPTIONS, tlsChoice } from './tls-options.ts';

interface Finding {
  readonly check: string;
  /** `hint`: works, could be better. */
  readonly verdict: 'ok' | 'hint' | 'problem';
  readonly detail: string;
  readonly advice: string | null;
}

export const doctor: Command = {
  help: `Usage: tributary doctor [--host HOST] [--port PORT] [--data DIR] [--tls ...]
       tributary doctor --training

Checks the machine, Node, a browser, the port and the data folder, and says what to do. Exit code 1 when
something must be done first.

  --host HOST        address that serve would listen on (default 127.0.0.1)
  --tls self-signed, --tls-cert FILE, --tls-key FILE
                     as serve would take them
  --port PORT        port that serve would listen on (default 8080)
  --data DIR         data folder that serve would use (default .tributary)
  --training         measures instead how fast this machine trains: the peaks of each backend, the share of them that
                     each kernel reaches, examples per second of each kind of model
  --json             prints JSON and nothing else on stdout`,

  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        ...TLS_OPTIONS,
        port: { type: 'string', default: '8080' },
        data: { type: 'string', default: '.tributary' },
        training: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.training) return doctorTraining(values);
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new UsageError('--port is a number from 0 to 65535');
    const findings = [
      checkNode(),
      checkMachine(),
      checkBrowser(),
      await checkReach(values.host, tlsChoice(values)),
      await checkPage(),
      await checkPort(values.host, port),
      await checkDataFolder(values.data),
    ];
    const isFit = findings.every((finding) => finding.verdict !== 'problem');
    if (values.json) printJson({ ok: isFit, findings });
    else print(findings.map(asText).join('\n'));
    return isFit ? 0 : 1;
  },
};

const MARKS = { ok: 'ok     ', hint: 'hint   ', problem: 'PROBLEM' };
const asText = ({ verdict, check, detail, advice }: Finding): string =>
  `${MARKS[verdict]}  ${check}: ${detail}${advice ? `\n         -> ${advice}` : ''}`;

const ok = (check: string, detail: string): Finding => ({ check, verdict: 'ok', detail, advice: null });
const hint = (check: string, detail: string, advice: string): Finding => ({
  check,
  verdict: 'hint',
  detail,
  advice,
});
const problem = (check: string, detail: string, advice: string): Finding => ({
  check,
  verdict: 'problem',
  detail,
  advice,
});

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 20
    ? ok('node', process.version)
    : problem('node', process.version, 'install Node 20 or newer');
}

function checkMachine(): Finding {
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  const detail = `${availableParallelism()} cores, ${gib(freemem())} of ${gib(totalmem())} GiB memory free`;
  return freemem() < 2 ** 29
    ? hint('machine', detail, 'close other programs: the demo wants about half a GiB')
    : ok('machine', detail);
}

const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'firefox',
];

function checkBrowser(): Finding {
  const found = BROWSERS.map(versionOf).find((version) => version !== null);
  if (!found)
    return hint(
      'browser',
      'none found on the PATH',
      'any recent browser can take part; the end-to-end tests want Debian `chromium`',
    );
  const chromium = /(?:Chromium|Chrome|Edg\w*) (\d+)/.exec(found);
  const hasWebGpu = chromium && Number(chromium[1]) >= 113;
  return hasWebGpu
    ? ok('browser', `${found}; WebGPU where the graphics driver allows (look for it at chrome://gpu)`)
    : hint(
        'browser',
        found,
        'without WebGPU participants train on WebGL, WebAssembly or plain JavaScript, more slowly',
      );
}

function versionOf(name: string): string | null {
  try {
    return execFileSync(name, ['--version'], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

const EXPIRES_SOON_MS = 14 * 24 * 3_600_000;

async function checkReach(host: string, choice: TlsChoice | null): Promise<Finding> {
  const reach = isLoopback(host) ? 'this machine only' : 'reachable from elsewhere';
  if (!choice) {
    return isLoopback(host)
      ? ok('host', `${host}: ${reach}`)
      : hint(
          'host',
          `${host}: ${reach}`,
          'add --tls self-signed or TLS files, or put a proxy with TLS in front and name it with --public-url: over plain HTTP browsers offer neither WebGPU nor WebCrypto',
        );
  }
  if (choice.kind === 'self-signed')
    return ok('host', `${host}: ${reach}, HTTPS with a certificate of its own`);
  try {
    const { expiresAt } = await readTlsFiles(choice);
    const until = new Date(expiresAt).toISOString().slice(0, 10);
    if (expiresAt < Date.now())
      return problem('host', `${host}: the certificate expired on ${until}`, 'renew it');
    return expiresAt - Date.now() < EXPIRES_SOON_MS
      ? hint('host', `${host}: ${reach}, the certificate expires on ${until}`, 'renew it soon')
      : ok('host', `${host}: ${reach}, HTTPS with a certificate until ${until}`);
  } catch (error) {
    return problem('host', (error as Error).message, 'name a certificate and its key, both PEM');
  }
}

async function checkPage(): Promise<Finding> {
  const page = fileURLToPath(new URL('../../../client/dist/index.html', import.meta.url));
  return stat(page).then(
    () => ok('page', 'built'),
    () => problem('page', 'not built', 'run `npm run build`'),
  );
}

function checkPort(host: string, port: number): Promise<Finding> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        problem(
          'port',
          `${host}:${port} cannot be used (${error.code})`,
          'stop the other program or choose another with --port',
        ),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve(ok('port', `${host}:${port} is free`))));
  });
}

async function checkDataFolder(folder: string): Promise<Finding> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, '');
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const gib = (bavail * bsize) / 2 ** 30;
    const detail = `${folder} is writable, ${gib.toFixed(1)} GiB free`;
    return gib < 1
      ? hint('data', detail, 'every committed round keeps its model: make room')
      : ok('data', detail);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return problem('data', `${folder} cannot be written (${code})`, 'choose another folder with --data');
  }
}
