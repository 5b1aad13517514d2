// Time in tests: nothing here waits for anything but other promises.

/** Lets every promise that can go on go on: nothing here waits for anything but other promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}
