// Abbreviations after which a sentence may go on, and words that begin a new one, by language:
// data, one line a language and kind. A word of another language does little harm, so a text of
// unknown language uses all.

/// Words that end in a stop inside a sentence.
enum Abbreviations {
  typealias Table = [(language: StaticString, words: StaticString)]

  /// Before a name: never at a sentence's end.
  static let titles: Table = [
    (
      "en",
      """
      mr mrs ms dr prof sr jr st mt ft gen col maj capt lt sgt cpl pvt adm cmdr gov sen rep pres rev
      fr hon rt messrs mme mlle vs v cf e.g i.e viz ed eds
      """
    ),
    (
      "de",
      """
      dr prof hr fr fa bzw vgl z.b d.h u.a o.ä i.d.r z.t v.a bspw ggf inkl exkl evtl st hl ing dipl
      mag med jur rer nat mind geb gest verh sog u.u m.e a.d u hrn kath ev dgl
      """
    ),
    ("fr", "m mm mme mmes mlle mlles dr pr prof st ste mgr me av bd cf env ex hab"),
    (
      "es",
      "sr sra srta sres dr dra d dña prof lic ing arq gral cnel cap tte av avda ud uds vd cf ee fdo sto sta"
    ),
    (
      "it",
      """
      sig sigg sig.ra dott dott.ssa prof prof.ssa avv ing arch on sen gen col cap cfr es s ss mons geom
      """
    ),
    ("pt", "sr sra srs dr dra prof profa eng d exmo exma av cf gal cel des"),
    ("nl", "dhr mevr mw dr prof ir ing drs mr st vgl bijv d.w.z o.a m.b.t jl dr.ir"),
    (
      "pl",
      "prof dr hab inż mgr ks św ul al tj tzn tzw np m.in gen płk kpt por red min woj im pl os zob"
    ),
    ("sv", "dr prof st t.ex bl.a d.v.s jfr s:t"),
    ("da", "dr prof st f.eks bl.a d.v.s jf hr fr"),
    ("no", "dr prof st f.eks bl.a dvs jf hr fr"),
    ("tr", "dr prof doç av sn bkz örn alb gen yrd op"),
    ("ru", "ул д т.е т.к т.н им проф акад д-р гл ст гр св см ср напр пл пер просп"),
    ("uk", "вул ім проф акад д-р див напр пл просп св"),
    ("cs", "dr prof ing mgr bc mudr judr č tzv tj např sv ul nám gen"),
    ("el", "κ κα δρ καθ αγ λ.χ π.χ"),
    ("hi", "डॉ श्री प्रो पं"),
  ]

  /// Before a number; as words of their own, or behind one, they may end a sentence.
  static let numbered: Table = [
    ("en", "no nos vol vols fig figs eq eqs p pp ch sec art op ext par c ca al approx tel"),
    ("de", "nr bd s abs art ca tel str pl max min kap ziff"),
    ("fr", "p pp vol chap art fig n no éd env tél ch"),
    ("es", "cap art pág págs p pp núm n vol fig tel aprox"),
    ("it", "art pag pagg n vol fig sec cap tel p"),
    ("pt", "art pág págs p pp n núm vol fig cap tel"),
    ("nl", "nr blz p ca art tel hfst"),
    ("pl", "nr str s art ok godz poz rozdz ust tel"),
    ("sv", "nr s kap ca kl tel"), ("da", "nr s kap ca kl tlf"), ("no", "nr s kap ca kl tlf"),
    ("tr", "no s sf tel"), ("ru", "стр с рис п пп т ст тел разд"), ("uk", "с рис ст п т"),
    ("cs", "č s str tel"),
  ]

  /// Also at a sentence's end: with a capital behind them the next sentence has begun if its
  /// first word is one that begins sentences.
  static let others: Table = [
    (
      "en",
      """
      inc ltd corp co bros llc plc calif mass conn penn wash ariz colo fla ill ind kan mich minn miss
      mo neb nev okla ore tenn tex va wis wyo jan feb mar apr jun jul aug sep sept oct nov dec mon tue
      wed thu thur fri sat sun est dept univ ave blvd rd bldg min max ph.d b.a m.a m.d
      """
    ),
    ("de", "jan feb mär apr jun jul aug sep sept okt nov dez mio mrd ff f bd"),
    ("fr", "janv févr avr juil sept oct nov déc"),
    ("es", "ee.uu ene feb abr jun jul ago sept oct nov dic a.c d.c"),
    ("it", "gen feb mar apr giu lug ago set ott nov dic"),
    ("pt", "ltda jan fev abr jun jul ago set out nov dez"),
    ("nl", "jan feb apr jun jul aug sept okt nov dec"),
    ("pl", "tys mln mld zł gr w r"), ("cs", "kč tis mil mld"),
    ("ru", "г гг руб коп тыс млн млрд кв м км в вв"), ("uk", "р рр грн тис млн млрд м кв"),
    ("sv", "kr milj"), ("da", "kr mio"), ("no", "kr mill"), ("tr", "vs"),
  ]

  /// Mostly at a sentence's end when a capital stands behind them.
  static let closing: Table = [
    ("en", "etc a.m p.m"), ("de", "usw etc uvm u.s.w"), ("fr", "etc"), ("es", "etc a.m p.m"),
    ("it", "ecc"), ("pt", "etc"), ("nl", "enz etc e.d"), ("pl", "itd itp"), ("sv", "osv m.m etc"),
    ("da", "osv m.m etc"), ("no", "osv m.m etc"), ("tr", "vb"), ("ru", "др пр т.д т.п"),
    ("cs", "atd apod"),
  ]

  /// Words that begin sentences far more often than they stand, with a capital, inside one.
  static let starters: Table = [
    (
      "en",
      """
      the a an this that these those there then he she it they we you his her its their our my your
      but and so or yet in on at for from with by as if when while after before since although though
      however who what where why how nobody everybody no yes not now here one two some many most all
      others another both each every even still only is was are did does do has have had will can it's
      he's that's i've we've
      """
    ),
    (
      "de",
      """
      der die das den dem des ein eine einen einem einer er sie es wir ihr ich du man dann danach dort
      hier da so nun aber und oder doch auch in im am an auf bei mit nach vor von zu zum zur für wenn
      als weil dass obwohl nur noch schon jetzt heute gestern dies diese dieser dieses sein seine ihre
      niemand alle viele mehr nichts wer was wie wo warum
      """
    ),
    (
      "fr",
      """
      le la les un une des il elle ils elles on nous vous je tu ce cet cette ces c'est son sa ses leur
      leurs mais et ou donc puis ensuite alors dans en au aux à pour par avec sans sur si quand lorsque
      tout tous personne rien
      """
    ),
    (
      "es",
      """
      el la los las un una él ella ellos ellas es esto esta este estos se su sus lo le les pero y o
      luego después entonces en por para con sin sobre si cuando nadie todo todos no ya así también
      """
    ),
    (
      "it",
      """
      il lo la i gli le un una l'uno egli lei lui loro è era questo questa si suo sua ma e o poi dopo
      allora in per con senza su se quando nessuno tutti non già così anche
      """
    ),
    (
      "pt",
      """
      o a os as um uma ele ela eles elas é este esta isto se seu sua mas e ou depois então em no na
      por para com sem sobre quando ninguém todos não já assim também
      """
    ),
    (
      "nl",
      """
      de het een hij zij ze wij we ik jij u dit dat deze die dan toen daarna daar hier maar en of in op
      bij met na voor van als niemand iedereen niets nu zo ook dus
      """
    ),
    (
      "pl",
      """
      to ten ta te ci on ona ono oni one my wy ja tu tam potem następnie ale i a lecz oraz w we na do od
      z ze po przy dla jeśli gdy kiedy nikt wszyscy nie już tak też teraz było jest
      """
    ),
    (
      "sv",
      "det den de han hon vi jag du ni en ett men och så sedan då här där i på vid med efter om när ingen alla nu inte"
    ),
    (
      "da",
      "det den de han hun vi jeg du en et men og så derefter da her der i på ved med efter hvis når ingen alle nu ikke"
    ),
    (
      "no",
      "det den de han hun vi jeg du en et men og så deretter da her der i på ved med etter hvis når ingen alle nå ikke"
    ),
    ("tr", "bu şu o onlar biz ben sen siz ama ve sonra şimdi burada orada kimse herkes bir hiç"),
    (
      "ru",
      """
      это этот эта эти он она оно они мы вы я ты но и а или потом затем тогда теперь сейчас здесь там в
      на по с к от до для из за если когда никто все всё не так тоже
      """
    ),
    (
      "uk",
      "це цей ця ці він вона воно вони ми ви я ти але і й а або потім тоді тепер тут там в у на"
    ),
    (
      "cs",
      "to ten ta ti on ona ono oni my vy já ale a i nebo potom pak tam tady v ve na do od z po když jestli nikdo všichni teď"
    ),
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
