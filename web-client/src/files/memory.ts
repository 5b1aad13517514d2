// What this page's user was sending, across reloads of the page (IndexedDB): to whom, which file, and where the browser has such
// things (Chrome, Edge) the handle that reads it again without choosing it anew. Where nothing can be kept, nothing is.

export interface SendingRecord {
  /** The secret by which the receiver knows the file again. */
  key: string;
  /** Of the receiver. */
  identity: string;
  room: string;
  name: string;
  size: number;
  modified: number;
  begun: number;
  handle?: FileSystemFileHandle;
}

const storeName = "sending";
/** Whoever comes back later begins anew. */
const longestWait = 86_400_000;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("parley-files", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
}

async function use<Result>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result | undefined> {
  if (typeof indexedDB === "undefined") return undefined;
  try {
    const database = await open();
    const request = act(database.transaction(storeName, mode).objectStore(storeName));
    return await new Promise((resolve) => {
      const finish = (result: Result | undefined): void => {
        database.close();
        resolve(result);
      };
      request.onsuccess = () => finish(request.result);
      request.onerror = () => finish(undefined);
    });
  } catch {
    return undefined;
  }
}

export async function rememberSending(record: SendingRecord): Promise<void> {
  await use("readwrite", (store) => store.put(record));
}

export async function forgetSending(key: string): Promise<void> {
  await use("readwrite", (store) => store.delete(key));
}

/** Those that may still go on; the others are forgotten. */
export async function sendingRecords(now: number): Promise<SendingRecord[]> {
  const records = ((await use("readonly", (store) => store.getAll())) ?? []) as SendingRecord[];
  const old = records.filter(({ begun }) => now - begun > longestWait);
  await Promise.all(old.map(({ key }) => forgetSending(key)));
  return records.filter((record) => !old.includes(record));
}
