import { defineConfig } from '@playwright/test';

/**
 * Real browsers against a real coordinator. `npm test` finds or installs a Chromium and names it in
 * `CHROMIUM_PATH`; WebGPU runs on its software adapter, so no GPU is needed.
 */
export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  timeout: 300_000,
  expect: { timeout: 20_000 },
  // Every test starts servers and many tabs; two at once would only starve each other.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    trace: 'retain-on-failure',
  },
});
