/** A page that Vite builds and a server of this process serves, with tfjs's `.wasm` files beside it. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

const ISOLATION: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface BuiltPage {
  readonly url: string;
  /** The same, cross-origin isolated, so that its workers may share memory. */
  readonly isolatedUrl: string;
  close(): void;
}

/** Built from `config` (below `root`, the repository) into a folder of its own, so that nobody builds under another's feet. */
export async function openBuiltPage(options: {
  readonly root: string;
  readonly config: string;
}): Promise<BuiltPage> {
  const { root, config } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tributary-page-'));
  await promisify(execFile)(
    'npx',
    ['vite', 'build', '--config', config, '--outDir', folder, '--emptyOutDir'],
    { cwd: root },
  );
  const wasm = dirname(
    createRequire(join(root, 'packages/training/package.json')).resolve('@tensorflow/tfjs-backend-wasm'),
  );
  const folders = { '/': folder, '/wasm/': wasm };
  const servers = [await serve(folders, {}), await serve(folders, ISOLATION)] as const;
  const [url, isolatedUrl] = servers.map(
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`,
  ) as [string, string];
  return {
    url,
    isolatedUrl,
    close() {
      for (const server of servers) server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serve(
  folders: { readonly '/': string; readonly '/wasm/': string },
  headers: Readonly<Record<string, string>>,
): Promise<Server> {
  const created = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const below = path.startsWith('/wasm/') ? '/wasm/' : '/';
    readFile(join(folders[below], path.slice(below.length))).then(
      (bytes) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.setHeader('content-type', CONTENT_TYPES[extname(path)] ?? 'application/octet-stream');
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => created.listen(0, '127.0.0.1', () => resolve(created)));
}
