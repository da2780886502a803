// What a batch promises whatever happens to it: it goes on, it mixes nothing, it shows no half files.
import Foundation
import Testing

private let house =
  "winnow --no-built-in --patterns packs/house.yaml --normalize none --paragraphs keep"

extension Sandbox {
  /// Numbered articles and records in the folder `in`, and what they become, in `wanted`.
  fileprivate func makeInputs(_ count: Int) throws {
    let manager = FileManager.default
    for name in ["in/b", "in/c"] {
      try manager.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    var records = ""
    for number in 0..<count {
      let text = "Article \(number).\nAdvertisement\nThe end (photo: Jane Roe)."
      try write((text + "\n").utf8, to: "in/\(number % 2 == 0 ? "b" : "c")/\(number).txt")
      let escaped = text.replacingOccurrences(of: "\n", with: "\\n")
      records +=
        number % 50 == 7 ? "{broken\n" : #"{"id":"\#(number)","text":"\#(escaped)"}"# + "\n"
    }
    try write(records.utf8, to: "in/records.jsonl")
    _ = try shell("gzip -nk in/records.jsonl")
    let run = try shell(
      "\(house) -q in -o wanted --shard-size 5000 --removed wanted.cut --rejects wanted.rejects")
    try #require(run.status == 3 && run.errors == "")
  }

  /// What differs between what came out and what was to come out.
  fileprivate func difference() throws -> String {
    try shell(
      "diff -r -x .winnow wanted out; cmp wanted.cut cut; cmp wanted.rejects rejects", input: []
    ).output
  }
}

private let batch = "\(house) -q in -o out --shard-size 5000 --removed cut --rejects rejects"

@Suite struct ResumeTests {
  @Test("Killed again and again, a batch goes on and writes what an uninterrupted one writes")
  func killed() throws {
    let sandbox = try Sandbox()
    try sandbox.makeInputs(600)
    let run = try sandbox.shell(
      """
      for delay in 0.05 0.1 0.15 0.2 0.25 0.3 0.1 0.2; do
        \(batch) & pid=$!; sleep $delay; kill -9 $pid; wait $pid
        diff -r -x .winnow wanted out | grep -v '^Only in wanted'
      done 2> /dev/null
      \(batch)
      """)
    #expect(run.output == "")
    #expect(try sandbox.difference() == "")
    // The counts of all runs together are those of one.
    let stats = batch.replacing(" -q", with: "") + " --stats 2>&1 | tail -n +2"
    let whole = stats.replacing("out", with: "wanted").replacing("cut", with: "wanted.cut")
      .replacing("--rejects rejects", with: "--rejects wanted.rejects")
    #expect(
      try sandbox.shell("\(stats) > a; \(whole) > b; diff a b && grep -c '^1776 documents' a")
        .output
        == "1\n")
  }

  @Test("Done is done: the same command does nothing more, and ends as before")
  func again() throws {
    let sandbox = try Sandbox()
    try sandbox.makeInputs(60)
    let list = "find out -type f ! -name lock | xargs ls -il"
    let before = try sandbox.shell("\(batch); \(list)").output
    let run = try sandbox.shell(batch.replacing(" -q", with: ""))
    #expect(run.errors == "winnow: out: 62 of 62 inputs were done before\n")
    #expect(run.status == 3)
    #expect(try sandbox.shell(list).output == before)
    #expect(try sandbox.difference() == "")
  }

  @Test("New inputs are added to what is done")
  func added() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.shell("\(house) articles/news -o out")
    try sandbox.write("Advertisement\nIt rained.\n".utf8, to: "articles/news/more.txt")
    let run = try sandbox.shell("\(house) articles/news -o out; cat out/more.txt")
    #expect(run.errors == "winnow: out: 4 of 5 inputs were done before\n")
    #expect(run.output == "It rained.\n")
  }

  @Test("The torn end of a manifest is cut off")
  func tornManifest() throws {
    let sandbox = try Sandbox()
    try sandbox.makeInputs(60)
    _ = try sandbox.shell(batch)
    // The last entry loses its end, as in a crash: its input is done again.
    let run = try sandbox.shell(
      "truncate -s -9 out/.winnow/manifest; rm out/records.jsonl.gz; \(batch)")
    #expect(run.status == 3)
    #expect(try sandbox.difference() == "")
  }

  /// What may not change between two runs into one folder, and what is then said.
  static let changes: [(change: String, message: String)] = [
    ("sed -i s/Advertisement/Advert/ packs/house.yaml", "out was made with other rules"),
    ("shift 2; set -- --normalize ascii", "out was made with normalize none, not ascii"),
    ("set -- --confidence low", "out was made with confidence medium, not low"),
    ("set -- --field body", "out was made with field text, not body"),
    ("set -- --emit json", "out was made with emit text, not json"),
    (
      "echo more >> articles/news/pier.txt",
      "articles/news/pier.txt is not what it was when out was begun"
    ),
    (
      "touch articles/news/pier.txt", "articles/news/pier.txt is not what it was when out was begun"
    ),
  ]

  @Test("Another version is refused; --force cleans all anew", arguments: changes)
  func mixed(change: String, message: String) throws {
    let sandbox = try Sandbox()
    let command = "winnow --no-built-in --patterns packs/house.yaml articles/news -o out -q"
    _ = try sandbox.shell("\(command) --normalize none")
    let run = try sandbox.shell(
      "set -- --normalize none; \(change.replacing("set --", with: "set -- \"$@\"")); \(command) \"$@\"; s=$?; "
        + "\(command) \"$@\" --force 2> second; [ $? != 2 ] || cat second; exit $s")
    #expect(
      run.errors == "winnow: \(message); name another folder, or give --force to clean all anew\n")
    #expect(run.output == "")
    #expect(run.status == 2)
  }

  @Test("Two runs do not write to one folder")
  func lock() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      """
      mkfifo pipe; winnow - -o out < pipe & first=$!
      exec 3> pipe; while [ ! -s out/.winnow/lock ]; do sleep 0.01; done
      winnow articles -o out; echo $?
      echo 'It rained.' >&3; exec 3>&-; wait $first; cat out/stdin.txt
      sed s/$first/PID/ out/.winnow/lock >&2
      """)
    let lines = run.errors.split(separator: "\n")
    #expect(run.output == "2\nIt rained.\n")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("winnow: out: another run writes here (process ") == true)
    #expect(lines.last?.hasPrefix("process PID on ") == true)
  }

  @Test(
    "A signal ends a batch within two seconds, with the way to go on",
    arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)])
  func signals(name: String, status: Int) throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      """
      mkfifo pipe; \(house) articles/ferries.txt - -o out < pipe & first=$!
      exec 3> pipe; while [ ! -s out/.winnow/manifest ]; do sleep 0.01; done; sleep 0.2
      start=$(date +%s); kill -\(name) $first; wait $first; echo $?
      [ $(($(date +%s) - start)) -le 2 ] && ls out out/.winnow/drafts
      """)
    #expect(run.output == "\(status)\nout:\nferries.txt\n\nout/.winnow/drafts:\n")
    #expect(
      run.errors
        == "winnow: stopped by a signal with 1 inputs done; the same command goes on from here\n")
  }
}

@Suite struct RejectTests {
  @Test("Rejected documents are listed with place, id, reason and digest, and kept")
  func listed() throws {
    let sandbox = try Sandbox()
    let records = [
      #"{"id":"a","text":"Advertisement\nIt rained."}"#, #"{"id":"b","body":"x"}"#, "{", "",
      #"{"id":"d","text":"It stopped."}"#,
    ]
    try sandbox.write(records.joined(separator: "\n").utf8, to: "in.jsonl")
    let run = try sandbox.shell(
      "\(house) in.jsonl --rejects rejects; echo; cat rejects; sed -n 2p in.jsonl | tr -d '\\n' | sha256sum"
    )
    let digest = run.output.split(separator: "\n").last?.prefix(64) ?? ""
    #expect(
      run.output == """
        {"id":"a","text":"It rained."}
        {"id":"b","body":"x"}
        {

        {"id":"d","text":"It stopped."}
        {"document":"in.jsonl","line":2,"id":"b","offset":46,"reason":"no field \\"text\\"","sha256":"\(digest)"}
        {"document":"in.jsonl","line":3,"offset":68,"reason":"not JSON (byte 2)","sha256":"021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96"}
        \(digest)  -

        """)
    #expect(run.status == 0)
  }

  @Test("A run with too many rejects stops")
  func tooMany() throws {
    let sandbox = try Sandbox()
    let good = String(repeating: #"{"text":"It rained."}"# + "\n", count: 300)
    let bad = String(repeating: #"{"body":"It rained."}"# + "\n", count: 100)
    try sandbox.write((good + bad).utf8, to: "in.jsonl")
    let run = try sandbox.shell("\(house) -q in.jsonl -o out; echo $?; ls out")
    #expect(run.output == "2\n")
    #expect(
      run.errors
        == "winnow: stopped: 100 of 400 documents could not be read, the last one in.jsonl:400: "
        + "no field \"text\"; passed through unchanged; mend the cause, or give --max-rejects with "
        + "more than 1.0 percent\n")
    let more = try sandbox.shell(
      "\(house) -q in.jsonl -o out --max-rejects 25 | wc -l; wc -l < out/in.jsonl")
    #expect(more.output.filter { $0 != " " } == "0\n400\n")
  }

  @Test("A record of over 64 MiB goes past the cleaner")
  func tooLarge() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      """
      { sed -n 1p records.jsonl; head -c 68000000 /dev/zero | tr '\\0' a; echo
        sed -n 1p records.jsonl; } > in.jsonl
      \(house) in.jsonl -o out; echo $?
      sed -n 2p in.jsonl > a; sed -n 2p out/in.jsonl | cmp - a; sed -n '1p;3p' out/in.jsonl
      """)
    let cleaned =
      #"{"id": "plain", "text": "It rained.\nThen it stopped.", "score": 1.50, "tags": ["a" , "b"]}"#
    #expect(run.output == "3\n\(cleaned)\n\(cleaned)\n")
    #expect(run.errors == "winnow: in.jsonl:2: over 64 MiB; passed through unchanged\n")
  }
}

@Suite struct StreamTests {
  @Test("The output is the same for any number of jobs and any size of reads")
  func same() throws {
    let sandbox = try Sandbox()
    try sandbox.makeInputs(300)
    let plain = try sandbox.shell("\(house) in/records.jsonl --jobs 1 --removed cut1")
    for options in ["--jobs 2", "--jobs 3", "--jobs 8", "--jobs 8 --read-size 1", "--read-size 77"]
    {
      let run = try sandbox.shell(
        "\(house) in/records.jsonl \(options) --removed cut && cmp cut1 cut")
      #expect(run.bytes == plain.bytes, "\(options)")
      #expect(run.errors == plain.errors, "\(options)")
      let packed = try sandbox.shell("\(house) in/records.jsonl.gz \(options)")
      #expect(packed.bytes == plain.bytes, "\(options)")
    }
  }

  /// A zstd frame of one raw block.
  private func zstd(_ text: String) -> [UInt8] {
    let header = UInt32(text.utf8.count) << 3 | 1
    return [0x28, 0xB5, 0x2F, 0xFD, 0x20, UInt8(text.utf8.count)]
      + (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + Array(text.utf8)
  }

  @Test(".gz and .zst are unpacked, and packed again in a folder")
  func compressed() throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(
      at: sandbox.folder.appending(path: "in"), withIntermediateDirectories: false)
    let records = #"{"text":"Advertisement\nIt rained."}"# + "\n"
    try sandbox.write(zstd(records) + zstd(records), to: "in/a.jsonl.zst")
    try sandbox.write("Advertisement\nIt rained.\n".utf8, to: "in/b.txt")
    let run = try sandbox.shell(
      """
      gzip -k in/b.txt; cat in/b.txt.gz in/b.txt.gz > in/c.txt.gz; printf '' | gzip > in/d.txt.gz
      \(house) in -o out && \(house) in && echo -- && \(house) out && gzip -dc out/*.gz
      """)
    let once = #"{"text":"It rained."}"# + "\n"
    let texts = "It rained.\nIt rained.\nIt rained.\nIt rained.\n"
    #expect(
      run.output == once + once + texts + "--\n" + once + once + texts
        + "It rained.\nIt rained.\nIt rained.\n")
    #expect(run.errors == "")
  }

  /// What is done to packed.jsonl.gz, and what is then said of it.
  static let damages: [(damage: String, reason: String)] = [
    ("truncate -s -5", "the compressed data ends early, behind"),
    ("truncate -s 30", "the compressed data ends early, behind"),
    ("truncate -s 0", "the compressed data ends early, behind 0 bytes"),
    ("printf 'no gzip' >", "the compressed data is damaged, behind 0 bytes"),
    ("printf 'more' >>", "the compressed data is damaged, behind"),
    (
      "printf '\\377' | dd bs=1 seek=40 conv=notrunc status=none of=",
      "the compressed data is damaged"
    ),
  ]

  @Test("Damaged data is named; nothing of it is visible; the rest goes on", arguments: damages)
  func damaged(damage: String, reason: String) throws {
    let sandbox = try Sandbox()
    let damage = damage.hasSuffix("=") ? damage : damage + " "
    let run = try sandbox.shell(
      """
      mkdir in; cp articles/news/pier.txt in; seq 3000 | sed 's/.*/{"text":"Line &."}/' | gzip > in/a.jsonl.gz
      \(damage)in/a.jsonl.gz
      \(house) in -o out; echo $?; ls out; ls out/.winnow
      \(house) in/a.jsonl.gz -o alone 2> /dev/null; echo $?
      """)
    #expect(run.output == "3\npier.txt\nlock\nmanifest\n2\n")
    #expect(run.errors.hasPrefix("winnow: in/a.jsonl.gz: cannot read: \(reason)"))
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test("Progress is shown on a terminal, and nowhere else")
  func progress() throws {
    let sandbox = try Sandbox()
    guard try sandbox.shell("command -v script").status == 0 else { return }
    let run = try sandbox.shell(
      """
      TERM=xterm script -qec "sh -c '{ cat records.jsonl; sleep 0.8; cat records.jsonl; } | winnow --no-built-in --format jsonl -o out2 -'" /dev/null
      """)
    #expect(run.output.contains(" documents, "))
    #expect(run.output.contains(" B/s"))
    #expect(try sandbox.shell("\(house) articles -o out").errors.contains("B/s") == false)
  }
}

@Suite struct PathTests {
  @Test("Names of any bytes are read, written and shown")
  func oddNames() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      #"""
      mkdir in; cd in
      for name in "$(printf 'new\nline')" "$(printf 'esc\033[31m')" "$(printf 'latin\351')" ' ' '-o' \
        "$(printf 'bidi\342\200\256')" 'a\b' '%41' "$(printf 'tab\tx')"; do
        printf 'Advertisement\nIt rained \351.\n' > "./$name.txt"
      done; cd ..
      """#
        + "\n\(house) in -o out; echo $?; \(house) in -o out; ls out | wc -l; cat out/* | LC_ALL=C sort -u | od -c | head -1"
    )
    #expect(
      run.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } == [
        "3", "10", "0000000 I t r a i n e d 351 . \\n",
      ])
    #expect(!run.errors.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
    #expect(!run.errors.contains("\u{202E}"))
    #expect(run.errors.contains(#"winnow: in/latin\xe9.txt: 1 line is not UTF-8"#))
    #expect(run.errors.hasSuffix("winnow: out: 9 of 9 inputs were done before\n"))
  }

  @Test("Nothing is written through a link in the output folder")
  func links() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      """
      mkdir outside out; ln -s ../outside out/news
      \(house) articles -o out --force; echo $?; find outside -type f
      rm out/news; ln -s ../../outside/pier.txt out/pier.txt; mkdir -p out/.winnow; rm -r out/.winnow
      ln -s ../outside out/.winnow; \(house) articles -o out --force; echo $?; find outside -type f
      rm -r out; mkdir out; echo precious > outside/mine; ln -s ../outside/mine out/ferries.txt
      \(house) articles -q -o out --force; echo $?; cat outside/mine; test -h out/ferries.txt || echo replaced
      """)
    #expect(run.output == "2\n2\n3\nprecious\nreplaced\n")
    #expect(run.errors.contains("winnow: out/news: cannot open the folder: Not a directory"))
    #expect(run.errors.contains("winnow: out/.winnow: cannot open the folder: Not a directory"))
  }

  @Test("No input is written over, and no folder of others' files")
  func inputs() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.shell(
      """
      cp articles/ferries.txt before
      winnow articles/ferries.txt --removed articles/ferries.txt
      winnow articles --rejects ./articles/../articles/ferries.txt
      winnow articles/ferries.txt >> articles/ferries.txt
      winnow articles --removed cut --rejects cut
      mkdir mine; echo mine > mine/notes; winnow articles -o mine
      ln articles/ferries.txt mine/ferries.txt; winnow articles -q -o mine --force
      cmp before articles/ferries.txt && cat mine/notes && ls -A mine
      """)
    #expect(
      run.errors == """
        winnow: articles/ferries.txt is the input articles/ferries.txt, which would be lost; name another
        winnow: ./articles/../articles/ferries.txt is the input articles/ferries.txt, which would be lost; name another
        winnow: standard output is the input articles/ferries.txt, which would be lost; name another
        winnow: --removed and --rejects name the same file; give each its own
        winnow: mine holds notes, and was not made by winnow; name a new folder, or give --force to write into it
        winnow: mine/ferries.txt: cannot write: it is an input

        """)
    #expect(run.output == "mine\n.winnow\nferries.txt\nnotes\n")
  }
}

@Suite struct ScriptTests {
  /// The scripts that anyone can run, on a few documents.
  static let scripts = [
    "torture.py WINNOW --kills 6 --documents 60 --select en/chrome",
    "endurance.py WINNOW poison --documents 1000",
    "endurance.py WINNOW memory --gigabytes 0.001",
    "faults.py WINNOW --calls renameat --most 4 --select en/chrome",
  ]

  @Test("The long proofs hold when they are short", arguments: scripts)
  func script(command: String) throws {
    let sandbox = try Sandbox()
    let scripts = Fixtures.folder.appending(path: "../../../Scripts").standardizedFileURL.path()
    guard try sandbox.shell("command -v python3 && command -v cc").status == 0 else { return }
    let run = try sandbox.shell(
      "python3 \(scripts)/" + command.replacing("WINNOW", with: "\"$(command -v winnow)\""))
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }
}
