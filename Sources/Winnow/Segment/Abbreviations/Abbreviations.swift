// Abbreviations after which a sentence may go on, by language: data, one line a language and
// kind. A word of another language does little harm, so a text of unknown language uses all.

/// Words that end in a stop inside a sentence.
enum Abbreviations {
  /// Never at a sentence's end: titles and the like, before a name or a number.
  static let titles: [(language: StaticString, words: StaticString)] = [
    (
      "en",
      """
      mr mrs ms dr prof sr jr st mt ft gen col maj capt lt sgt cpl pvt adm cmdr gov sen rep pres rev
      fr hon messrs mme mlle vs no nos vol vols fig figs p pp ch sec art op cf ed eds e.g i.e viz al
      """
    ),
    (
      "de",
      """
      dr prof hr fr nr bd s abs art ca bzw vgl z.b d.h u.a o.ä i.d.r z.t v.a bspw ggf inkl exkl evtl
      st str hl ing dipl mag med jur rer nat tel mind max min geb gest verh sog u.u m.e a.d u.s.w
      """
    ),
    (
      "fr",
      "m mm mme mmes mlle mlles dr pr prof st ste p pp vol chap art fig n no cf av bd éd env ex"
    ),
    (
      "es",
      "sr sra srta sres dr dra d dña prof lic ing arq gral cap art pág págs p pp núm n vol cf av ee"
    ),
    (
      "it",
      "sig sigg sig.ra dott dott.ssa prof prof.ssa avv ing arch on sen gen col art pag pagg n vol cfr es s ss"
    ),
    ("pt", "sr sra srs dr dra prof profa eng d exmo art pág págs p pp n núm vol cf av"),
    ("nl", "dhr mevr mw dr prof ir ing drs mr st nr blz p vgl bijv d.w.z o.a m.b.t jl"),
    (
      "pl",
      "prof dr hab inż mgr ks św ul al nr str s tj tzn tzw np m.in gen płk kpt por red pow woj im ok godz"
    ),
    ("sv", "dr prof nr s st t.ex bl.a d.v.s kap jfr ang ca"),
    ("da", "dr prof nr s st f.eks bl.a d.v.s kap jf ca hr fr"),
    ("no", "dr prof nr s st f.eks bl.a dvs kap jf ca hr fr"),
    ("tr", "dr prof doç av sn sf s bkz örn no alb gen yrd"),
    (
      "ru", "г гг ул д кв стр с см т.е т.к т.н им проф акад д-р руб коп тыс млн млрд рис гл ст п пп"
    ),
    ("cs", "dr prof ing mgr bc mudr judr č s str tzv tj např sv ul nám gen"),
  ]

  /// Also at a sentence's end: a capital word behind them starts a new one, unless it looks
  /// like a name.
  static let others: [(language: StaticString, words: StaticString)] = [
    (
      "en",
      """
      inc ltd corp co bros llc plc calif mass conn penn wash ariz colo fla ill ind kan mich minn miss
      mo neb nev okla ore tenn tex va wis wyo jan feb mar apr jun jul aug sep sept oct nov dec mon tue
      wed thu fri sat sun a.m p.m u.s u.k u.n e.u d.c etc est approx dept univ ave blvd rd bldg min max
      """
    ),
    ("de", "usw etc jan feb mär apr jun jul aug sep sept okt nov dez mio mrd co uvm ff"),
    ("fr", "etc janv févr avr juil sept oct nov déc"),
    ("es", "etc ud uds vd ee.uu ene feb abr jun jul ago sept oct nov dic"),
    ("it", "ecc gen feb mar apr giu lug ago set ott nov dic"),
    ("pt", "etc ltda jan fev abr jun jul ago set out nov dez"),
    ("nl", "enz e.d etc"),
    ("pl", "itd itp r w tys mln mld zł gr"),
    ("sv", "osv m.m etc"), ("da", "osv m.m etc"), ("no", "osv m.m etc"),
    ("tr", "vb vs"), ("ru", "др пр т.д т.п"), ("cs", "atd apod"),
  ]

  /// The words of one language, or of all, with a hash for each.
  static func words(
    _ table: [(language: StaticString, words: StaticString)], language: String?
  ) -> Set<String> {
    let code = language.map { $0.prefix { $0 != "-" } }
    let known = code.map { code in table.contains { $0.language.description == code } } ?? false
    var words: Set<String> = []
    for line in table where !known || line.language.description == code.map(String.init) {
      for word in line.words.description.split(whereSeparator: \.isWhitespace) {
        words.insert(String(word))
      }
    }
    return words
  }
}
