/** `serve`: the coordinator as a process. Human lines on stdout, logs on stderr. */
import { parseArgs } from 'node:util';
import { type Coordinator, type CoordinatorOptions, startCoordinator } from '../app.ts';
import { LOG_LEVELS, type LogLevel } from '../log.ts';
import { SOCKETS_PER_ADDRESS } from '../network/limits.ts';
import { checkedOrigin } from '../network/origins.ts';
import { trustedProxies } from '../network/proxies.ts';
import { certificatePath } from '../network/self-signed.ts';
import { type Command, print, printJson, say, UsageError } from './command.ts';
import { TLS_OPTIONS, tlsChoice } from './tls-options.ts';

const DEFAULT_PORT = 8080;

export const serve: Command = {
  help: `Usage: tributary serve [OPTIONS]

Starts the coordinator with page and dashboard on one port. Stop it with Ctrl-C; it goes on where it was.

  --host HOST        address to listen on (default 127.0.0.1: this machine only)
  --port PORT        port to listen on (default 8080, or a free one when that is taken; 0 takes a free one)
  --tls self-signed  HTTPS with a certificate that it makes for itself and keeps in the data folder
  --tls-cert FILE    HTTPS with this certificate, PEM, the chain behind it in the same file
  --tls-key FILE     the private key of that certificate, PEM
  --public-url URL   where people reach it when a proxy with TLS stands in front; join links begin with it
  --trust-proxy WHO  whose X-Forwarded-For is believed: loopback (default), none, an address or a range; repeatable
  --allow-origin O   a site whose pages embed the SDK, e.g. https://lab.example.org; repeatable
  --cross-origin-isolated
                     lets pages train large models on several threads; they may then load nothing from other sites
  --sockets-per-address N
                     participants of one network address, e.g. of a school (default ${SOCKETS_PER_ADDRESS})
  --data DIR         folder for everything that is kept (default .tributary)
  --demo             adds a run that learns generated digits with virtual participants
  --log-level LEVEL  ${LOG_LEVELS.join(', ')} (default warn)
  --json             prints one JSON object when ready, and nothing else on stdout`,

  async run(args) {
    const { options, mayMove, demo, json } = parseServe(args);
    // Loaded only when wanted: it brings the trainer and the digit generator.
    const demonstration = demo ? await import('./serve-demo.ts') : null;
    const coordinator = await start({ ...options, ...demonstration?.DEMO_OPTIONS }, mayMove);
    const running = await demonstration?.serveDemo(coordinator, options.dataFolder);
    announce(coordinator, { demo, json, joinUrl: running?.joinUrl ?? null });
    adviseOnReach(coordinator, options);
    await stopSignal();
    say('Stopping; the next start goes on from here.');
    // The coordinator first: that its participants vanish now is no fault of theirs.
    await coordinator.close();
    await running?.close();
    return 0;
  },
};

function parseServe(args: readonly string[]): {
  options: CoordinatorOptions & { dataFolder: string };
  /** Nobody asked for this very port. */
  mayMove: boolean;
  demo: boolean;
  json: boolean;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      'public-url': { type: 'string' },
      ...TLS_OPTIONS,
      'trust-proxy': { type: 'string', multiple: true, default: ['loopback'] },
      'allow-origin': { type: 'string', multiple: true, default: [] },
      'cross-origin-isolated': { type: 'boolean', default: false },
      'sockets-per-address': { type: 'string', default: String(SOCKETS_PER_ADDRESS) },
      data: { type: 'string', default: '.tributary' },
      demo: { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'warn' },
      json: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port ${values.port}: a port is a number from 0 to 65535`);
  }
  const socketsPerAddress = Number(values['sockets-per-address']);
  if (!Number.isInteger(socketsPerAddress) || socketsPerAddress < 1) {
    throw new UsageError('--sockets-per-address is a number from 1');
  }
  usable('--trust-proxy', () => trustedProxies(values['trust-proxy']));
  const tls = tlsChoice(values);
  const logLevel = values['log-level'] as LogLevel;
  if (!LOG_LEVELS.includes(logLevel)) throw new UsageError(`--log-level is one of ${LOG_LEVELS.join(', ')}`);
  return {
    options: {
      host: values.host,
      port,
      publicUrl: originOf(values['public-url']),
      trustProxy: values['trust-proxy'],
      allowedOrigins: usable('--allow-origin', () => values['allow-origin'].map(checkedOrigin)),
      crossOriginIsolated: values['cross-origin-isolated'],
      socketsPerAddress,
      ...(tls && { tls }),
      dataFolder: values.data,
      logLevel,
    },
    mayMove: values.port === undefined,
    demo: values.demo,
    json: values.json,
  };
}

function usable<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${option} ${(error as Error).message}`);
  }
}

function originOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  // The page and its paths live at the root.
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.pathname !== '/') {
    throw new UsageError(`--public-url ${url}: expected something like https://learn.example.org`);
  }
  return parsed.origin;
}

async function start(options: CoordinatorOptions, mayMove: boolean): Promise<Coordinator> {
  try {
    return await startCoordinator(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!mayMove) {
      throw new Error(`port ${options.port} is taken; stop the other program or choose another with --port`);
    }
    say(`Port ${options.port} is taken by another program; taking a free one.`);
    return startCoordinator({ ...options, port: 0 });
  }
}

function announce(
  coordinator: Coordinator,
  { demo, json, joinUrl }: { demo: boolean; json: boolean; joinUrl: string | null },
): void {
  const { url, publicUrl, operatorToken, facts, urlsFromElsewhere } = coordinator;
  // A newcomer with the demo always gets in; elsewhere a link that opens the dashboard is printed only once.
  const dashboardUrl = demo
    ? coordinator.dashboardUrl()
    : operatorToken
      ? `${publicUrl}/admin#token=${operatorToken}`
      : null;
  if (json) {
    const { urls, tls, certificateFingerprint } = facts;
    printJson({
      url,
      port: coordinator.port,
      urls,
      tls,
      certificateFingerprint,
      dashboardUrl,
      operatorToken,
      joinUrl,
    });
    return;
  }
  print(`Tributary is running at ${url}`);
  for (const address of urlsFromElsewhere.filter((address) => address !== url))
    print(`Elsewhere:  ${address}`);
  if (facts.certificateFingerprint) print(`Certificate (SHA-256):  ${facts.certificateFingerprint}`);
  print(
    `Dashboard:  ${dashboardUrl ?? `${publicUrl}/admin  (log in with the operator token; \`tributary token\` makes a new one)`}`,
  );
  if (joinUrl) print(`Join:       ${joinUrl}`);
  if (operatorToken) print(`Operator token, shown this once:  ${operatorToken}`);
  print('Ctrl-C stops.');
}

/** What keeps other machines from taking part, said before somebody stands in front of a class. */
function adviseOnReach(
  coordinator: Coordinator,
  { dataFolder, publicUrl }: { dataFolder: string; publicUrl?: string },
): void {
  const { facts, urlsFromElsewhere } = coordinator;
  if (facts.tls === 'none' && urlsFromElsewhere.length > 0 && publicUrl === undefined) {
    say(
      'Warning: this is plain HTTP. Browsers on other machines will refuse to train, and others on the network can\n' +
        'read along. Add `--tls self-signed`, or TLS files, or put a proxy with TLS in front (docs/deployment.md).',
    );
  }
  if (facts.tls === 'self-signed') {
    say(
      'Browsers will warn about this certificate, because nobody vouches for it. Compare the fingerprint above with\n' +
        `the one that the browser shows, then go on. Programs: NODE_EXTRA_CA_CERTS=${certificatePath(dataFolder)}`,
    );
  }
}

/** The first signal asks for an orderly end; a second one, or ten seconds, end at once: nothing acknowledged is lost. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.removeListener(signal, stop);
      setTimeout(() => process.exit(1), 10_000).unref();
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
