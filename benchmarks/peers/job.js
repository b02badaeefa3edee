// What all scripts are given; see job.py.
const fs = require("fs");
const { parse } = require("csv-parse/sync");

const [folder, list, port] = process.argv.slice(2);
const MARKS = ["-first_name-", "-email-", "-unsubscribe_url-"];
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

exports.MARKS = MARKS;
exports.SENDER = "news@meridian.example.org";
exports.port = Number(port);
exports.html = fs.readFileSync(`${folder}/document.html`, "utf8");
exports.text = fs.readFileSync(`${folder}/document.txt`, "utf8");
exports.rows = parse(fs.readFileSync(list), { columns: true });
exports.subject = (name) => `News of the section, ${name}`;
exports.valuesOf = (row) => [
  row.first_name || "colleague",
  row.email,
  `https://news.meridian.example.org/u/${row.member_id.padStart(40, "0")}`,
];
exports.merged = (page, values) =>
  values.reduce((text, value, at) => text.split(MARKS[at]).join(value), page);
exports.escaped = (values) =>
  values.map((value) => value.replace(/[&<>"']/g, (letter) => ESCAPES[letter]));

process.on("exit", () => {
  const peak = /VmHWM:\s+(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"));
  fs.writeFileSync(process.env.BENCH_PEAK, String(Number(peak[1]) / 1024));
});
